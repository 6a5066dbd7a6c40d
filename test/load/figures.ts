import type { FailureKind } from './failure.ts'
import type { Sample } from './sample.ts'
import { visitorKinds, type VisitorKind } from './settings.ts'

export interface Figures {
  readonly seconds: number
  readonly requests: number
  readonly failed: number
  /** The number of answers from each release. */
  readonly releases: Readonly<Record<string, number>>
  readonly visitors: Readonly<Partial<Record<VisitorKind, VisitorFigures>>>
}

export interface VisitorFigures {
  readonly requests: number
  readonly failed: number
  /** Milliseconds, failed requests included. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly failures: readonly FailureFigures[]
}

export interface FailureFigures {
  readonly kind: FailureKind
  readonly count: number
  readonly first: Incident
  readonly last: Incident
}

export interface Incident {
  /** Seconds since the load began. */
  readonly at: number
  readonly message: string
}

export function figuresOf(samples: readonly Sample[], milliseconds: number): Figures {
  const visitors = visitorKinds.flatMap((kind) => {
    const own = samples.filter((sample) => sample.kind === kind)
    return own.length === 0 ? [] : [[kind, visitorFigures(own)]]
  })
  const releases = new Map<string, number>()
  for (const { release } of samples) {
    if (release !== undefined) releases.set(release, (releases.get(release) ?? 0) + 1)
  }
  return {
    seconds: milliseconds / 1000,
    requests: samples.length,
    failed: samples.filter(({ failure }) => failure !== undefined).length,
    releases: Object.fromEntries(releases),
    visitors: Object.fromEntries(visitors) as Figures['visitors'],
  }
}

function visitorFigures(samples: readonly Sample[]): VisitorFigures {
  const times = samples.map(({ began, ended }) => ended - began).sort((one, other) => one - other)
  const failures = failuresOf(samples)
  return {
    requests: samples.length,
    failed: failures.reduce((sum, { count }) => sum + count, 0),
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    max: percentile(times, 100),
    failures,
  }
}

function failuresOf(samples: readonly Sample[]): FailureFigures[] {
  const found = new Map<FailureKind, { count: number; first: Incident; last: Incident }>()
  for (const { ended, failure } of samples.toSorted((one, other) => one.ended - other.ended)) {
    if (failure === undefined) continue
    const incident = { at: ended / 1000, message: failure.message }
    const { count, first } = found.get(failure.kind) ?? { count: 0, first: incident }
    found.set(failure.kind, { count: count + 1, first, last: incident })
  }
  return [...found].map(([kind, own]) => ({ kind, ...own }))
}

/** Returns the smallest of the sorted values that this percentage of them does not exceed. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0
}

import type { Mutation } from './mutation.ts'
import type { Verdict } from './trial.ts'

export interface Tried {
  readonly area: string
  readonly mutation: Mutation
  readonly verdict: Verdict
}

/** The percentage of mutants that must be caught in each area. */
export const required = 90

/** Formats a table with one line per area, and one for the total. */
export function tableOf(tried: readonly Tried[]): string {
  const areas = [...new Set(tried.map(({ area }) => area))]
  const rows = [...areas.map((area) => rowOf(area, tried)), rowOf('all', tried, () => true)]
  const head = ['area', 'mutants', 'caught', 'timed out', 'survived', 'percent']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function rowOf(
  name: string,
  tried: readonly Tried[],
  isMeant = ({ area }: Tried): boolean => area === name,
): string[] {
  const own = tried.filter(isMeant)
  const count = (type: Verdict['type']) => own.filter(({ verdict }) => verdict.type === type).length
  const counts = [own.length, count('caught'), count('timed out'), count('survived')]
  return [name, ...counts.map(String), percentCaught(own).toFixed(1)]
}

/** A mutant that makes a test hang is caught too. */
export function percentCaught(tried: readonly Tried[]): number {
  return (100 * tried.filter(({ verdict }) => verdict.type !== 'survived').length) / Math.max(tried.length, 1)
}

export function areasBelow(tried: readonly Tried[]): string[] {
  const areas = [...new Set(tried.map(({ area }) => area))]
  return areas.filter((name) => percentCaught(tried.filter(({ area }) => area === name)) < required)
}

export function describe({ mutation, verdict }: Tried): string {
  const { file, line, change, promise } = mutation
  const place = `${file}:${line}: ${change}`
  const why = promise === undefined ? '' : ` (breaks: ${promise})`
  if (verdict.type === 'survived') return `survived ${verdict.tests} tests: ${place}${why}`
  return `${verdict.type}: ${place}${verdict.type === 'caught' ? ` by ${verdict.by}` : ''}`
}

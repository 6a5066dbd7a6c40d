import type { Figures, Incident } from './figures.ts'
import type { Report } from './protocol.ts'

/** Formats a report for the message of an assertion: a few lines for each window, and the failures with their places. */
export function reportText({ ended, total, quiet, windows }: Report): string {
  const parts = [['quiet', quiet], ...Object.entries(windows)] as const
  return [
    `load of ${total.seconds.toFixed(1)} s, ended ${ended}: ${total.requests} requests, ${total.failed} failed`,
    ...parts.flatMap(([name, figures]) => figuresText(name, figures)),
  ].join('\n')
}

function figuresText(name: string, { seconds, requests, failed, releases, visitors }: Figures): string[] {
  const seen = Object.entries(releases).map(([release, count]) => `${count} from ${release}`)
  return [
    `${name}, ${seconds.toFixed(1)} s: ${requests} requests, ${failed} failed; ${seen.join(', ') || 'no answers'}`,
    ...Object.entries(visitors).flatMap(([kind, own]) => [
      `  ${kind.padEnd(8)} ${own.requests} requests, ${own.failed} failed, ` +
        `p50 ${own.p50.toFixed(0)} ms, p99 ${own.p99.toFixed(0)} ms, max ${own.max.toFixed(0)} ms`,
      ...own.failures.flatMap(({ kind: failure, count, first, last }) => [
        `    ${count} x ${failure}: ${incidentText(first)}`,
        ...(count === 1 ? [] : [`      last ${incidentText(last)}`]),
      ]),
    ]),
  ]
}

function incidentText({ at, message }: Incident): string {
  return `at ${at.toFixed(2)} s: ${message}`
}

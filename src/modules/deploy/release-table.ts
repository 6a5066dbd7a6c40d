import type { Deployment, Release } from '../../state/deployment/value.ts'
import { liveRelease } from './release-choice.ts'

/** The maximum number of characters in a cell. */
const widestCell = 60

const headings = ['date', 'release', 'reference', 'commit', 'by', 'state']

/** Formats the releases of an application as a table, the newest first; the live release is marked. */
export function releaseTable(deployment: Deployment): string {
  const live = liveRelease(deployment)
  const rows = deployment.releases.toReversed().map((release) => rowOf(release, release === live))
  const all = [headings, ...rows].map((row) => row.map(shortened))
  const widths = headings.map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), 0),
  )
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function rowOf({ id, state, information }: Release, isLive: boolean): string[] {
  const { created, reference, revision, by } = information
  return [
    textOf(created).replace('T', ' ').replace(/Z$/, ''),
    id,
    textOf(reference).replace(/^refs\/(tags|heads)\//, ''),
    textOf(revision).slice(0, 10),
    textOf(by),
    isLive ? `${state} <- current`.replace(/^live /, '') : state,
  ]
}

function textOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : '-'
}

/** Shortens a cell: its text comes from the host, and all rows are padded to the widest cell. */
function shortened(cell: string): string {
  return cell.length > widestCell ? `${cell.slice(0, widestCell - 1)}…` : cell
}

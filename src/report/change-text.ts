import { structuredPatch } from 'diff'

import type { Change } from '../modules/definition/change.ts'
import { styled, type Text } from './style.ts'
import { visibleLine } from './visible.ts'

/** The maximum number of lines to compare: comparing takes quadratic time. */
const longestComparison = 20_000

/** The maximum number of lines that differ: the time grows with its square and blocks the event loop. */
const mostDifferences = 2000

/** "content, mode 0644 → 0600" */
export function summarizeChanges(changes: readonly Change[]): string {
  return changes.map(summarize).join(', ')
}

/** Returns the changes in full, strings with several lines as a unified diff. */
export function describeChanges(changes: readonly Change[]): Text[] {
  return changes.flatMap((change) => {
    if (change.secret === true) return [`${change.field}: (secret) → (secret, changed)`]
    const isLines = change.path !== undefined || isLong(change.before) || isLong(change.after)
    return isText(change.before) && isText(change.after) && isLines
      ? unifiedDiff(change.path ?? change.field, change.before ?? '', change.after ?? '')
      : [`${change.field}: ${transition(change)}`]
  })
}

function summarize(change: Change): string {
  if (change.secret === true || isLong(change.before) || isLong(change.after)) return change.field
  return `${change.field} ${transition(change)}`
}

/** Shows only the new value if there was none before. */
function transition({ before, after }: Change): string {
  return before === null || before === undefined ? show(after) : `${show(before)} → ${show(after)}`
}

function unifiedDiff(path: string, before: string, after: string): Text[] {
  const name = visibleLine(path)
  const lines = before.split('\n').length + after.split('\n').length
  if (lines > longestComparison) return [`${name}: ${lines} lines, too many to compare`]
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength: mostDifferences })
  if (patch === undefined) return [`${name}: more than ${mostDifferences} lines differ, too many to compare`]
  return [
    styled('bold', `--- ${name} before`),
    styled('bold', `+++ ${name} after`),
    ...patch.hunks.flatMap((hunk) => [
      styled('cyan', `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
      ...hunk.lines.map(styledLine),
    ]),
  ]
}

function styledLine(line: string): Text {
  if (line.startsWith('+')) return styled('green', line)
  if (line.startsWith('-')) return styled('red', line)
  return line
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (isSummary(value)) return `${value.size} bytes`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? "''" : visibleLine(text)
}

/** Returns true for the placeholder of content that is binary or too long. */
function isSummary(value: unknown): value is { readonly sha256: string; readonly size: number } {
  return typeof value === 'object' && value !== null && 'sha256' in value && 'size' in value
}

function isText(value: unknown): value is string | undefined | null {
  return typeof value === 'string' || value === undefined || value === null
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\n') || value.length > 100)
}

import { readFileSync } from 'node:fs'

import { type Diagnostic, describePosition, type Position } from '../errors.ts'
import { hiddenLines } from './hidden-lines.ts'

/** Returns the line of the file with a caret under the position; undefined if the file cannot be read. */
export function excerpt(at: Position, text = textOf(at.file)): string | undefined {
  const line = text?.split(/\r?\n/)[at.line - 1]
  if (text === undefined || line === undefined) return undefined
  const number = String(at.line)
  const margin = ' '.repeat(number.length)
  const hidden = text.includes('!secret') ? hiddenLines(text).get(at.line - 1) : undefined
  const shown = hidden === undefined || hidden >= line.length ? line : `${line.slice(0, hidden)}…`
  const caret = Math.min(at.column, shown.length + 1)
  const indent = shown.slice(0, caret - 1).replaceAll(/[^\t]/g, ' ')
  return `  ${number} | ${shown}\n  ${margin} | ${indent}^`
}

/** Formats a diagnostic: position and message, the line with a caret, the hint. */
export function describeExcerpt(diagnostic: Diagnostic): string {
  const parts = [
    `${describePosition(diagnostic.at)}: ${diagnostic.message}`,
    excerpt(diagnostic.at),
    diagnostic.hint === undefined ? undefined : `  ${diagnostic.hint}`,
  ]
  return parts.filter((part) => part !== undefined).join('\n')
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

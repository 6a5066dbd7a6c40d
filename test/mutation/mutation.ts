import type ts from 'typescript'

/** One change to a source file that a test should notice. */
export interface Mutation {
  /** The path in the project. */
  readonly file: string
  readonly start: number
  readonly end: number
  /** The text that replaces the source from start to end. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
  /** The text of the line, trimmed. */
  readonly code: string
  /** The change in readable form: `a === b -> a !== b`. */
  readonly change: string
  /** The start of the smallest counted piece of code around it; see anchors.ts. */
  readonly anchor: number
  /** The effect of a mutation that was written by hand. */
  readonly promise?: string
}

export function applyTo(source: string, { start, end, text }: Mutation): string {
  return `${source.slice(0, start)}${text}${source.slice(end)}`
}

/** Returns the trimmed text of the line. */
export function lineAt(source: ts.SourceFile, position: number): string {
  const { line } = source.getLineAndCharacterOfPosition(position)
  const [start = 0, end] = source.getLineStarts().slice(line, line + 2)
  return source.text.slice(start, end).trim()
}

/** Shows both texts from shortly before their first difference. */
export function describeChange(before: string, after: string, place: number): string {
  return `${excerpt(before, place)} -> ${after.trim() === '' ? 'nothing' : excerpt(after, place)}`
}

const shownBefore = 40
const shown = 90

function excerpt(text: string, place: number): string {
  const start = place <= shownBefore ? 0 : place - shownBefore
  const part = text.slice(start, start + shown)
  return `${start === 0 ? '' : '...'}${part.replace(/\s+/g, ' ')}${start + shown < text.length ? '...' : ''}`
}

import type ts from 'typescript'

/** One change to a source file that a test should notice. */
export interface Mutation {
  /** The path in the project. */
  readonly file: string
  readonly start: number
  readonly end: number
  /** What stands from start to end instead. */
  readonly text: string
  /** From 1. */
  readonly line: number
  /** That line, without the blanks around it. */
  readonly code: string
  /** For people: `a === b -> a !== b`. */
  readonly change: string
  /** Where the smallest counted piece of code that holds it starts; see anchors.ts. */
  readonly anchor: number
  /** Of a mutation that was written by hand: what it would break. */
  readonly promise?: string
}

export function applyTo(source: string, { start, end, text }: Mutation): string {
  return `${source.slice(0, start)}${text}${source.slice(end)}`
}

/** Returns the text of the line, without the blanks around it. */
export function lineAt(source: ts.SourceFile, position: number): string {
  const { line } = source.getLineAndCharacterOfPosition(position)
  const [start = 0, end] = source.getLineStarts().slice(line, line + 2)
  return source.text.slice(start, end).trim()
}

/** Shows both texts from a little before the place where they begin to differ. */
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

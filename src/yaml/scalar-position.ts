import type { Position } from '../errors.ts'

/** The notation of a string in its file. */
export type ScalarStyle = 'plain' | 'single-quoted' | 'double-quoted' | 'literal' | 'folded'

/** The position of a string in a file, and of each of its characters if they can be mapped. */
export class ScalarPosition implements Position {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly #source: string
  readonly #style: ScalarStyle
  readonly #text: string

  /** @param source the string as written in the file, with its quotes or its block header */
  constructor(at: Position, source: string, style: ScalarStyle, text: string) {
    this.file = at.file
    this.line = at.line
    this.column = at.column
    this.#source = source
    this.#style = style
    this.#text = text
  }

  /** Returns the position of the character at this offset; the start of the string if it cannot be mapped. */
  within(offset: number): Position {
    if (this.#style === 'literal') return this.#inBlock(offset)
    if (this.#style === 'folded' || this.#source.includes('\n')) return this
    return { file: this.file, line: this.line, column: this.column + this.#inLine(offset) }
  }

  #inLine(offset: number): number {
    if (this.#style === 'plain') return offset
    const spelled = this.#style === 'single-quoted' ? /''|[^]/y : /\\x..|\\u.{4}|\\U.{8}|\\?[^]/y
    spelled.lastIndex = 1
    for (let passed = 0; passed < offset && spelled.test(this.#source); passed += 1);
    return spelled.lastIndex === 0 ? this.#source.length : spelled.lastIndex
  }

  #inBlock(offset: number): Position {
    const before = this.#text.slice(0, offset).split('\n')
    const row = before.length
    const spelled = this.#source.split('\n')[row]
    const text = this.#text.split('\n')[row - 1]
    if (spelled === undefined || text === undefined) return this
    const indent = Math.max(0, spelled.trimEnd().length - text.trimEnd().length)
    return {
      file: this.file,
      line: this.line + row,
      column: indent + (before.at(-1)?.length ?? 0) + 1,
    }
  }
}

/** Returns the position of the character at this offset of a string that starts at this position. */
export function within(at: Position, offset: number): Position {
  return at instanceof ScalarPosition ? at.within(offset) : at
}

/** Reads the output of a script piece by piece. Throws if a piece is missing. */
export class OutputCursor {
  readonly #output: string
  #position = 0

  constructor(output: string) {
    this.#output = output
  }

  /** Returns the output up to the next delimiter, and skips the delimiter. */
  until(delimiter: string): string {
    const end = this.#output.indexOf(delimiter, this.#position)
    if (end === -1) throw new Error(`incomplete output: ${JSON.stringify(this.#rest())}`)
    const piece = this.#output.slice(this.#position, end)
    this.#position = end + delimiter.length
    return piece
  }

  /** Skips and returns a match at the current position. The pattern must be sticky. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position
    const match = pattern.exec(this.#output)
    if (match === null) return undefined
    this.#position = pattern.lastIndex
    return match
  }

  /** Skips this string if it is at the current position. */
  skip(text: string): boolean {
    if (!this.#output.startsWith(text, this.#position)) return false
    this.#position += text.length
    return true
  }

  get position(): number {
    return this.#position
  }

  back(position: number): void {
    this.#position = position
  }

  end(): void {
    if (this.#rest() !== '') throw new Error(`unexpected output: ${JSON.stringify(this.#rest())}`)
  }

  #rest(): string {
    return this.#output.slice(this.#position)
  }
}

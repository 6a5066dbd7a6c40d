/** Reads the output of a script piece by piece; a piece that is missing is an error. */
export class OutputCursor {
  readonly #output: string
  #position = 0

  constructor(output: string) {
    this.#output = output
  }

  /** What stands before the next such character, which is passed over. */
  until(delimiter: string): string {
    const end = this.#output.indexOf(delimiter, this.#position)
    if (end === -1) throw new Error(`the output ends too early: ${JSON.stringify(this.#rest())}`)
    const piece = this.#output.slice(this.#position, end)
    this.#position = end + delimiter.length
    return piece
  }

  /** Passes over what the pattern matches right here; the pattern must be sticky. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position
    const match = pattern.exec(this.#output)
    if (match === null) return undefined
    this.#position = pattern.lastIndex
    return match
  }

  /** Passes over this text, if it stands right here. */
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
    if (this.#rest() !== '') throw new Error(`output that nobody expects: ${JSON.stringify(this.#rest())}`)
  }

  #rest(): string {
    return this.#output.slice(this.#position)
  }
}

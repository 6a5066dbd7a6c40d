/** The symbols of a decoded text, each with its range in the original text. */
export interface TextView {
  readonly written: string
  readonly symbols: string
  /** The range of each symbol; undefined if the symbols are the characters of the original text. */
  readonly places?: Places
}

export interface Places {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

/** Collects the symbols of a view. */
export class ViewBuilder {
  readonly #symbols: Uint16Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  #length = 0

  constructor(capacity: number) {
    this.#symbols = new Uint16Array(capacity)
    this.#starts = new Int32Array(capacity)
    this.#ends = new Int32Array(capacity)
  }

  append(code: number, start: number, end: number): void {
    this.#symbols[this.#length] = code
    this.#starts[this.#length] = start
    this.#ends[this.#length] = end
    this.#length += 1
  }

  build(written: string): TextView {
    const { buffer } = this.#symbols
    return {
      written,
      symbols: Buffer.from(buffer, 0, this.#length * 2).toString('utf16le'),
      places: { starts: this.#starts, ends: this.#ends },
    }
  }
}

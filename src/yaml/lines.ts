/** The lines of a text, to find the line and the column of an offset, both counted from 1. */
export class Lines {
  readonly #text: string
  #starts: readonly number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  placeOf(offset: number): { line: number; column: number } {
    this.#starts ??= startsOf(this.#text)
    let [first, last] = [0, this.#starts.length - 1]
    while (first < last) {
      const middle = Math.ceil((first + last) / 2)
      if ((this.#starts[middle] ?? 0) <= offset) first = middle
      else last = middle - 1
    }
    return { line: first + 1, column: offset - (this.#starts[first] ?? 0) + 1 }
  }
}

function startsOf(text: string): number[] {
  const starts = [0]
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1)
  return starts
}

import { ViewBuilder, type TextView } from './text-view.ts'

// URL decoding turns a space into a plus sign
const separator = String.raw`[\s+:,.\\-]{1,4}(?:0?x)?`

/** A byte of text. Dates and versions, which also consist of separated digits, rarely contain several of them in a row. */
const byte = '[2-9a-f][0-9a-f]'

/** Four bytes in hexadecimal digits with separators, or two in UTF-16. */
const separatedBytes = new RegExp(
  `${byte}(?:${[
    separator + [byte, byte, byte].join(separator),
    `${byte}${separator}${byte}${byte}`,
    `${separator}00(?:${separator})?${byte}`,
    `00${separator}${byte}`,
  ].join('|')})`,
  'i',
)

/** Returns whether a view may contain bytes in hexadecimal digits with separators. */
export function separatesDigits({ symbols }: TextView): boolean {
  return separatedBytes.test(symbols)
}

/**
 * Removes everything but the digits from bytes in hexadecimal, such as `68:75`, `68 75`, `0x68, 0x75` or the lines of a
 * dump.
 */
export function joinedDigits(view: TextView): TextView {
  return new DigitJoiner(view).join()
}

const separators = new Set(codesOf(' \t\r+:,.-\\'))
const newline = codeOf('\n')

/** The beginning of a line of xxd, hexdump or od, which may follow a name or a quote. */
const offset =
  /(?:[^\n]{0,40}?[^\da-z\n])??(?:[\da-f]{8}(?::|[ +]{2})|[\da-f]{6,7}(?=[ +][\da-f]{2}[ +][\da-f]{2}[ +]))/iy

/** The number of digits on a line of a dump. The same bytes as characters follow them. */
const digitsOnLine = 32

class DigitJoiner {
  readonly #source: TextView
  readonly #view: ViewBuilder
  /** The end of the current line, if it is a line of a dump. */
  #endOfLine: number | undefined
  #digits = 0

  constructor(source: TextView) {
    this.#source = source
    this.#view = new ViewBuilder(source.symbols.length)
  }

  join(): TextView {
    const { symbols, written } = this.#source
    for (let index = this.#beginLine(0); index < symbols.length;) {
      const code = symbols.charCodeAt(index)
      if (code === newline) index = this.#beginLine(index + 1)
      else if (isPrefix(symbols, index)) index += 2
      else {
        if (!separators.has(code)) this.#append(code, index)
        index += 1
      }
    }
    return this.#view.build(written)
  }

  /** Returns the index of the line's first digit. */
  #beginLine(start: number): number {
    const { symbols } = this.#source
    offset.lastIndex = start
    if (!offset.test(symbols)) {
      this.#endOfLine = undefined
      return start
    }
    const begin = offset.lastIndex
    const end = symbols.indexOf('\n', start)
    this.#endOfLine = end === -1 ? symbols.length : end
    this.#digits = 0
    return begin
  }

  #append(code: number, index: number): void {
    const { places } = this.#source
    let last = index
    if (this.#endOfLine !== undefined) {
      if (this.#digits === digitsOnLine || !isDigit(code)) return
      this.#digits += 1
      last = this.#endOfLine - 1
    }
    this.#view.append(code, places?.starts[index] ?? index, places?.ends[last] ?? last + 1)
  }
}

/** Returns whether `0x` or `\\x` precedes two digits. */
function isPrefix(symbols: string, index: number): boolean {
  const code = symbols.charCodeAt(index)
  return (
    (code === zero || code === backslash) &&
    (symbols.charCodeAt(index + 1) | 0x20) === letterX &&
    isDigit(symbols.charCodeAt(index + 2)) &&
    isDigit(symbols.charCodeAt(index + 3))
  )
}

const [zero, backslash, letterX] = [codeOf('0'), codeOf('\\'), codeOf('x')]

function isDigit(code: number): boolean {
  const letter = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}

function codesOf(characters: string): number[] {
  return Array.from(characters, codeOf)
}

function codeOf(character: string): number {
  return character.charCodeAt(0)
}

import { ViewBuilder, type TextView } from './text-view.ts'

const [backslash, percent, quote, doubleQuote, plus, space] = Array.from('\\%\'"+ ', codeOf) as [
  number,
  number,
  number,
  number,
  number,
  number,
]
const [newline, carriageReturn] = [codeOf('\n'), codeOf('\r')]

/** The control characters, by the letter after the backslash. */
const controls = new Map(Object.entries({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }).map(codes))

/**
 * Decodes URL encoding, HTML entities and the escapes of JSON, shells and Python in one pass, however often they are
 * nested. All encodings of a value result in the same symbols: for this reason, a sequence of quotes becomes one quote,
 * CRLF a newline, and a space a plus sign.
 */
export function decoded(text: string): TextView {
  const decoder = new Decoder(text)
  return decoder.decode()
}

class Decoder {
  readonly #text: string
  readonly #view: ViewBuilder
  /** The last character that was read, and its end. */
  #code = 0
  #end = 0

  constructor(text: string) {
    this.#text = text
    this.#view = new ViewBuilder(text.length)
  }

  decode(): TextView {
    const { length } = this.#text
    for (let start = 0; start < length;) {
      if (this.#opensBytes(start)) start += openingOfBytes.length
      this.#readCharacter(start)
      if (isQuote(this.#code)) this.#readQuotes()
      else if (this.#code === carriageReturn) this.#readLineEnd()
      this.#append(start)
      start = this.#end
    }
    return this.#view.build(this.#text)
  }

  #append(start: number): void {
    const code = this.#code === space ? plus : this.#code
    if (code <= 0xffff) {
      this.#view.append(code, start, this.#end)
      return
    }
    const pair = String.fromCodePoint(code)
    this.#view.append(pair.charCodeAt(0), start, this.#end)
    this.#view.append(pair.charCodeAt(1), start, this.#end)
  }

  /** Reads a sequence of quotes as one, because shells escape a quote with others: 'it'\''s', 'it'"'"'s'. */
  #readQuotes(): void {
    let end = this.#end
    while (end < this.#text.length && !this.#opensBytes(end)) {
      this.#readCharacter(end)
      if (!isQuote(this.#code)) break
      end = this.#end
    }
    this.#code = quote
    this.#end = end
  }

  #readLineEnd(): void {
    const end = this.#end
    if (end < this.#text.length) this.#readCharacter(end)
    if (this.#code === newline) return
    this.#code = carriageReturn
    this.#end = end
  }

  /** Reads a character with the backslashes that escape it. Backslashes before another letter are read as one. */
  #readCharacter(start: number): void {
    this.#readUnit(start)
    while (this.#code === backslash) {
      const end = this.#end
      if (end === this.#text.length) return
      this.#readUnit(end)
      if (this.#code === backslash || this.#readEscape() || !isLetterOrDigit(this.#code)) continue
      this.#code = backslash
      this.#end = end
      return
    }
  }

  /** Reads an escape sequence, after its backslash and letter. */
  #readEscape(): boolean {
    const control = controls.get(this.#code)
    if (control !== undefined) {
      this.#code = control
      return true
    }
    if (this.#code !== letterU) return this.#readEscapedBytes()
    const high = this.#byteAt(this.#end)
    const low = this.#byteAt(this.#end + 2)
    if (high === -1 || low === -1) return false
    this.#code = high * 256 + low
    this.#end += 4
    return true
  }

  /** Reads the bytes of one character, with the quotes that end them in a shell. */
  #readEscapedBytes(): boolean {
    const first = this.#readEscapedByte(this.#end - 1)
    if (first === -1) return false
    this.#readRestOf(first)
    if (this.#text.startsWith("''", this.#end)) this.#end += 2
    return true
  }

  /** Returns whether `'$'\303\244''` begins here, as programs on hosts quote non-ASCII characters. */
  #opensBytes(start: number): boolean {
    if (!this.#text.startsWith(openingOfBytes, start)) return false
    escapedByte.lastIndex = start + openingOfBytes.length
    return escapedByte.test(this.#text)
  }

  /** Reads one character, which may be an entity or URL-encoded. */
  #readUnit(start: number): void {
    this.#code = this.#text.charCodeAt(start)
    this.#end = start + 1
    if (this.#code === ampersand) this.#readEntity(start)
    if (this.#code !== percent) return
    const first = this.#readEncodedByte(start)
    if (first !== -1) this.#readRestOf(first)
  }

  /** Reads `&lt;`, `&#60;` or `&#x3c;`; the ampersand may be an entity itself. */
  #readEntity(start: number): void {
    entity.lastIndex = start
    const [written, name = '', decimal, hexadecimal] = entity.exec(this.#text) ?? []
    if (written === undefined) return
    const number = decimal === undefined ? parseInt(hexadecimal ?? '', 16) : Number(decimal)
    const code = entities[name.toLowerCase()] ?? number
    if (!(code <= 0x10ffff)) return
    this.#code = code
    this.#end = start + written.length
  }

  /** Reads the remaining bytes of a character in UTF-8. */
  #readRestOf(first: number): void {
    const end = this.#end
    const length = utf8Length(first)
    let code = length === 1 ? first : first & (0x7f >> length)
    for (let index = 1; index < length; index += 1) {
      const next = this.#readFollowingByte()
      if (next === -1 || (next & 0xc0) !== 0x80) {
        this.#code = first
        this.#end = end
        return
      }
      code = code * 64 + (next & 0x3f)
    }
    this.#code = code <= 0x10ffff ? code : first
  }

  /** Reads the next byte of a character, which may be escaped. */
  #readFollowingByte(): number {
    for (let at = this.#end; ;) {
      if (this.#text.charCodeAt(at) === backslash) at += 1
      else {
        const byte = this.#readEncodedByte(at)
        if (byte !== backslash) return byte
        at = this.#end
      }
      const escaped = this.#readEscapedByte(at)
      if (escaped !== -1) return escaped
    }
  }

  /** Reads `303` or `xc3`; returns -1 for anything else. */
  #readEscapedByte(start: number): number {
    const isHexadecimal = this.#text.charCodeAt(start) === letterX
    const byte = isHexadecimal ? this.#byteAt(start + 1) : this.#octalByteAt(start)
    if (byte !== -1) this.#end = start + 3
    return byte
  }

  #octalByteAt(start: number): number {
    const [high, middle, low] = [0, 1, 2].map((index) => this.#text.charCodeAt(start + index) - zero)
    return isOctal(high, 3) && isOctal(middle, 7) && isOctal(low, 7) ? high * 64 + middle * 8 + low : -1
  }

  /** Reads `%41`; the percent sign may be encoded itself: `%2541`. */
  #readEncodedByte(start: number): number {
    if (this.#text.charCodeAt(start) !== percent) return -1
    let at = start + 1
    let byte = this.#byteAt(at)
    if (byte === -1) return -1
    while (byte === percent) {
      const next = this.#byteAt(at + 2)
      if (next === -1) break
      byte = next
      at += 2
    }
    this.#end = at + 2
    return byte
  }

  /** Returns the byte of two hexadecimal digits, or -1. */
  #byteAt(start: number): number {
    const high = digit(this.#text.charCodeAt(start))
    const low = digit(this.#text.charCodeAt(start + 1))
    return high === -1 || low === -1 ? -1 : high * 16 + low
  }
}

const ampersand = codeOf('&')
const entity = /&(?:amp;)*(?:(lt|gt|amp|quot|apos);|#(\d{1,7});|#x([\da-f]{1,6});)/iy
const entities: Readonly<Record<string, number>> = {
  lt: codeOf('<'),
  gt: codeOf('>'),
  amp: ampersand,
  quot: doubleQuote,
  apos: quote,
}

const letterU = codeOf('u')
const letterX = codeOf('x')
const zero = codeOf('0')
const openingOfBytes = "'$'"
const escapedByte = /\\{1,4}[0-3][0-7]{2}/y

function isOctal(digit: number | undefined, highest: number): digit is number {
  return digit !== undefined && digit >= 0 && digit <= highest
}

function codes([letter, control]: [string, string]): [number, number] {
  return [codeOf(letter), codeOf(control)]
}

function codeOf(character: string): number {
  return character.charCodeAt(0)
}

function isQuote(code: number): boolean {
  return code === quote || code === doubleQuote
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122)
}

function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

function utf8Length(first: number): number {
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}

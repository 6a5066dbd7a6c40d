import { ViewBuilder, type TextView } from './text-view.ts'

/** Removes line breaks and the white space around them, to join wrapped base64 and hexadecimal digits. */
export function unbroken({ written, symbols, places }: TextView): TextView {
  const view = new ViewBuilder(symbols.length)
  let kept = 0
  for (let index = 0; index < symbols.length; index += 1) {
    // URL decoding turns a space into a plus sign
    const place = places?.starts[index] ?? index
    if (isBlank(written.charCodeAt(place)) || isLineEnd(symbols.charCodeAt(index))) continue
    if (!breaksLine(symbols, kept, index)) append(kept, index)
    append(index, index + 1)
    kept = index + 1
  }
  return view.build(written)

  function append(from: number, to: number): void {
    for (let index = from; index < to; index += 1)
      view.append(symbols.charCodeAt(index), places?.starts[index] ?? index, places?.ends[index] ?? index + 1)
  }
}

/** Shorter than the lines of programs that wrap digits: 60, 64 or 76. */
const narrowestLine = 40

/** Returns whether a line of a view ends with so many digits that they may be wrapped. */
export function breaksDigits({ symbols }: TextView): boolean {
  for (let end = symbols.indexOf('\n'); end !== -1; end = symbols.indexOf('\n', end + 1)) {
    const last = symbols.charCodeAt(end - 1) === carriageReturn ? end - 1 : end
    if (endsWithDigits(symbols, last)) return true
  }
  return false
}

function endsWithDigits(symbols: string, end: number): boolean {
  for (let index = end - 1; index >= end - narrowestLine; index -= 1)
    if (!isDigit(symbols.charCodeAt(index))) return false
  return true
}

/** Returns whether a character is a digit of base64, in either alphabet. */
function isDigit(code: number): boolean {
  const letter = code | 0x20
  return (code >= 0x2f && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || otherDigits.has(code)
}

const otherDigits = new Set(Array.from('+-_', (digit) => digit.charCodeAt(0)))
const carriageReturn = 0x0d

function breaksLine(symbols: string, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if (isLineEnd(symbols.charCodeAt(index))) return true
  return false
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === carriageReturn
}

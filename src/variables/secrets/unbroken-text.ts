import { ViewBuilder, type TextView } from './text-view.ts'

/** A view without line breaks and the white space around them: joins base64 and hexadecimal digits that are wrapped. */
export function unbroken({ written, symbols, places }: TextView): TextView {
  const view = new ViewBuilder(symbols.length)
  let kept = 0
  for (let index = 0; index < symbols.length; index += 1) {
    // Undoing URL encoding leaves a plus sign of a space.
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

/** Programs wrap digits into lines of 60, 64 or 76. */
const narrowestLine = 40

/** Whether some line of a view ends with a full line of digits. */
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

/** A digit of base64, in either alphabet. */
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

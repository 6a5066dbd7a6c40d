/**
 * What a terminal obeys or hides instead of showing: control characters, marks that change the direction of text,
 * characters without a shape. A variation selector stays after the symbol whose look it chooses.
 */
const unseen =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}](?<!\p{Extended_Pictographic}[\ufe0e\ufe0f])/gu

const anythingElse = /[^\n\t\x20-\x7e]/

/** The text as a person may see it: whatever would act on the terminal, or hide in it, becomes a sign such as \x1b. */
export function visible(text: string): string {
  return anythingElse.test(text) ? text.replaceAll(unseen, sign) : text
}

/** The same for a text that has one line to itself, such as a name: no line of it can pass for one of ours. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n')
}

/** JSON with the same characters escaped: the data stays as it is. */
export function visibleJson(json: string): string {
  return anythingElse.test(json) ? json.replaceAll(unseen, jsonEscape) : json
}

function sign(character: string): string {
  if (character === '\r') return '\\r'
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  return units.map((unit) => `\\u${hex(unit, 4)}`).join('')
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}

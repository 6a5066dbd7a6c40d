/**
 * Characters that a terminal interprets or hides: control characters, marks that change the direction of text,
 * and invisible characters. A variation selector is kept after the symbol that it belongs to.
 */
const unseen =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}](?<!\p{Extended_Pictographic}[\ufe0e\ufe0f])/gu

const anythingElse = /[^\n\t\x20-\x7e]/

/** Replaces characters that would control the terminal, or be invisible, with escapes such as \x1b. */
export function visible(text: string): string {
  return anythingElse.test(text) ? text.replaceAll(unseen, sign) : text
}

/** Escapes newlines too, for a string that must fit on one line, such as a name. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\n')
}

/** Escapes the same characters in JSON, without changing the data. */
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

/** Matches a value in every spelling in which values travel. */
export function secretPattern(value: string): string {
  const forms = [value, value.trim(), ...longLines(value)].filter((form) => form !== '')
  if (value.length < 4) return forms.map(asWholeWord).join('|')
  return [...new Set(forms.map(anySpelling)), ...base64Forms(value).map(literal)].join('|')
}

/** A short value would blot out half of every text. */
function asWholeWord(value: string): string {
  return `(?<![\\p{L}\\p{N}_])${literal(value)}(?![\\p{L}\\p{N}_])`
}

/** What a program may print of a secret of several lines. */
function longLines(value: string): string[] {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= 8)
}

/** Each character as it is, URL-encoded, or escaped for JSON and shells, any of them on top of each other. */
function anySpelling(value: string): string {
  return Array.from(value, spelling).join('')
}

const backslash = '(?:\\\\|%5[cC])'
const apostrophe = "(?:'|%27)"

/** What stands after a backslash for a character that has no sign of its own. */
const controls: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' }

function spelling(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character
  if (character === '\\') return `${backslash}+`
  const bytes = Array.from(Buffer.from(character), (byte) => `%${insensitive(byte)}`).join('')
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const unicode = units
    .map((unit) => `${backslash}+u${insensitive(unit >> 8)}${insensitive(unit & 0xff)}`)
    .join('')
  const forms = [`${backslash}*(?:${literal(character)}|${bytes})`, unicode]
  if (character === ' ') forms.push('\\+')
  if (character === '\n') forms.push('\\r\\n', '%0[dD]%0[aA]')
  if (character === "'") forms.unshift(`${apostrophe}${backslash}+${apostrophe}${apostrophe}`)
  const letter = controls[character]
  if (letter !== undefined) forms.push(`${backslash}+${letter}`)
  return `(?:${forms.join('|')})`
}

function insensitive(byte: number): string {
  return Array.from(byte.toString(16).padStart(2, '0'), (digit) =>
    /\d/.test(digit) ? digit : `[${digit}${digit.toUpperCase()}]`,
  ).join('')
}

/** On its own, and inside of something longer such as `user:password`, where it may begin at any of three bits. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value)
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const certain = Math.floor(((before + bytes.length) * 8) / 6)
    return encoded.slice(before === 0 ? 0 : before + 1, certain)
  })
  const whole = bytes.toString('base64')
  const forms = [whole, whole.replace(/=+$/, ''), ...inside.filter((form) => form.length >= 6)]
  return [...new Set([...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))])]
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

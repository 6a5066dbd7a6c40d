import { decoded } from './decoded-text.ts'

/** A string to search for. */
export interface Form {
  readonly text: string
  /** True if it is so short that it matches only between characters other than letters, digits and _. */
  readonly wholeWord: boolean
}

/** The strings that reveal a secret. */
export interface SecretForms {
  /** The forms in the original text. */
  readonly written: readonly Form[]
  /** The forms in decoded text. */
  readonly decoded: readonly Form[]
  /** Base64 and hexadecimal digits, which may be wrapped. */
  readonly digits: readonly Form[]
}

/** Shorter values are masked only as whole words, because they occur in most texts. */
const shortest = 4
/** Shorter lines of a longer value are masked only as whole words. */
const shortestLine = 8

export function secretForms(value: string): SecretForms {
  const whole = formsOf(value, value.trim())
  const texts = [...formsOf(value, value.trim(), asInPath(value)), ...linesOf(value)]
  return {
    written: texts.flatMap((form) => [form, ...escapedForms(form)]),
    decoded: texts.flatMap(decodedForms).filter(({ text }) => text.length >= shortest),
    digits: whole.flatMap(({ text }) => digitForms(text)),
  }
}

function formsOf(...texts: readonly string[]): Form[] {
  return [...new Set(texts)]
    .filter((text) => text !== '')
    .map((text) => ({ text, wholeWord: text.length < shortest }))
}

/** Returns the value as part of a resolved path: `https:/host` for `https://host`. */
function asInPath(value: string): string {
  return value.trim().replaceAll(/\/{2,}/g, '/')
}

/** Returns the lines of a secret with several lines, which a program may print separately. */
function linesOf(value: string): Form[] {
  const lines = value.split('\n').map((line) => line.trim())
  if (lines.length === 1) return []
  return lines
    .filter((line) => line.length >= shortest)
    .map((text) => ({ text, wholeWord: text.length < shortestLine }))
}

/** Returns the decoded form without backslashes at the end, which decoding would join with the following text. */
function decodedForm({ text, wholeWord }: Form): Form {
  let end = text.length
  while (text.endsWith('\\', end)) end -= 1
  return { text: decoded(text.slice(0, end)).symbols, wholeWord }
}

/** Returns also the form without URL decoding: in HTML entities, `%41` can be told from an encoded byte. */
function decodedForms(form: Form): Form[] {
  const inEntities = { ...form, text: form.text.replaceAll('%', '&#37;') }
  return inEntities.text === form.text ? [decodedForm(form)] : [decodedForm(form), decodedForm(inEntities)]
}

const escapes: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("'", `'\\''`),
  (text) => encodeURIComponent(Buffer.from(text).toString()),
]

/** Returns the escaped forms of a string that is too short after decoding. */
function escapedForms(form: Form): Form[] {
  if (decodedForm(form).text.length >= shortest) return []
  const once = escapes.map((escape) => escape(form.text))
  const twice = once.flatMap((text) => escapes.map((escape) => escape(text)))
  return [...once, ...twice].map((text) => ({ ...form, text }))
}

function digitForms(text: string): Form[] {
  const wholeWord = text.length < shortest
  const forms = wholeWord ? shortDigits(Buffer.from(text)) : longDigits(text)
  return [...new Set(forms)].map((form) => ({ text: form, wholeWord }))
}

function shortDigits(bytes: Buffer): string[] {
  return [...(bytes.length < 3 ? [] : hexadecimal(bytes)), ...wholeBase64(bytes).flatMap(alphabets)]
}

function longDigits(text: string): string[] {
  const bytes = Buffer.from(text)
  const wide = Buffer.from(text, 'utf16le')
  const all = [bytes, wide, Buffer.from(wide).swap16()]
  const base64 = [...wholeBase64(bytes), ...all.flatMap(innerBase64)]
  const twice = innerBase64(bytes).flatMap((once) => innerBase64(Buffer.from(once)))
  return [...all.flatMap(hexadecimal), ...[...base64, ...twice].flatMap(alphabets)]
}

function hexadecimal(bytes: Buffer): string[] {
  const digits = bytes.toString('hex')
  return [digits, digits.toUpperCase()]
}

function wholeBase64(bytes: Buffer): string[] {
  const encoded = bytes.toString('base64')
  return [encoded, encoded.replace(/=+$/, '')].filter((form) => form.length >= shortest)
}

/** Returns the digits that these bytes have within the base64 of a longer text, for each of the three offsets. */
function innerBase64(bytes: Buffer): string[] {
  return [0, 1, 2]
    .map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
      const certain = Math.floor(((before + bytes.length) * 8) / 6)
      return encoded.slice(before === 0 ? 0 : before + 1, certain)
    })
    .filter((form) => form.length >= 6)
}

function alphabets(base64: string): string[] {
  return [base64, base64.replaceAll('+', '-').replaceAll('/', '_')]
}

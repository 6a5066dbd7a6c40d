import { decoded } from './decoded-text.ts'

/** A text to look for. */
export interface Form {
  readonly text: string
  /** It is so short that it matches only where no letter and no digit is next to it. */
  readonly wholeWord: boolean
}

/** The texts that give a secret away. */
export interface SecretForms {
  /** In a text as it is written. */
  readonly written: readonly Form[]
  /** In a decoded text. */
  readonly decoded: readonly Form[]
  /** Base64 and hexadecimal digits, which may be broken over lines. */
  readonly digits: readonly Form[]
}

/** A shorter value is masked only as a word of its own: it would hide half of every text. */
const shortest = 4
/** The same for a line of a longer value. */
const shortestLine = 8

export function secretForms(value: string): SecretForms {
  const whole = formsOf(value, value.trim())
  const texts = [...formsOf(value, value.trim(), asInPath(value)), ...linesOf(value)]
  return {
    written: texts.flatMap((form) => [form, ...escapedForms(form)]),
    decoded: texts.map(decodedForm).filter(({ text }) => text.length >= shortest),
    digits: whole.flatMap(({ text }) => digitForms(text)),
  }
}

function formsOf(...texts: readonly string[]): Form[] {
  return [...new Set(texts)]
    .filter((text) => text !== '')
    .map((text) => ({ text, wholeWord: text.length < shortest }))
}

/** The value in a resolved path: `https:/host` of `https://host`. */
function asInPath(value: string): string {
  return value.trim().replaceAll(/\/{2,}/g, '/')
}

/** The lines of a secret of several lines, which a program may print one by one. */
function linesOf(value: string): Form[] {
  const lines = value.split('\n').map((line) => line.trim())
  if (lines.length === 1) return []
  return lines
    .filter((line) => line.length >= shortest)
    .map((text) => ({ text, wholeWord: text.length < shortestLine }))
}

/** Backslashes at the end are left out: decoding would join them with the text that follows. */
function decodedForm({ text, wholeWord }: Form): Form {
  let end = text.length
  while (text.endsWith('\\', end)) end -= 1
  return { text: decoded(text.slice(0, end)).symbols, wholeWord }
}

const escapes: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replaceAll("'", `'\\''`),
  (text) => encodeURIComponent(Buffer.from(text).toString()),
]

/** The spellings of a text that is too short once it is decoded. */
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

/** Inside a longer text, such as `user:password`, where it may begin at any of three offsets. */
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

import type { SecretSource } from '../yaml/secret-source.ts'
import { readSecretSource } from './secret-value.ts'

const mark = '‹secret›'

/** The values that are shown nowhere. */
export class Secrets {
  readonly #values = new Set<string>()
  readonly #resolved = new Map<SecretSource, string>()
  readonly #dryRun: boolean
  #pattern: RegExp | undefined

  /** @param options dryRun: what is made up is not written */
  constructor(options: { dryRun?: boolean } = {}) {
    this.#dryRun = options.dryRun ?? false
  }

  add(value: string): void {
    if (value === '' || this.#values.has(value)) return
    this.#values.add(value)
    this.#pattern = undefined
  }

  /** The value of a secret, read or made up once. Throws ExpressionError where it cannot be had. */
  resolve(source: SecretSource, render: (text: string) => string = (text) => text): string {
    const known = this.#resolved.get(source)
    if (known !== undefined) return known
    const { origin } = source
    const value =
      origin.type === 'text' ? render(origin.text) : readSecretSource(origin, source.at, this.#dryRun)
    this.add(value)
    // A text may hold variables, whose values differ from host to host.
    if (origin.type !== 'text') this.#resolved.set(source, value)
    return value
  }

  /** The text with each secret value replaced, in every spelling in which values travel. */
  mask(text: string): string {
    if (this.#values.size === 0) return text
    this.#pattern ??= patternOf(this.#values)
    return text.replace(this.#pattern, mark)
  }

  /** The same for every text in a value, keys of objects as well. */
  maskDeep(value: unknown): unknown {
    if (this.#values.size === 0) return value
    if (typeof value === 'string') return this.mask(value)
    if (typeof value === 'number' || typeof value === 'bigint') {
      const masked = this.mask(String(value))
      return masked === String(value) ? value : masked
    }
    if (Array.isArray(value)) return value.map((item) => this.maskDeep(item))
    if (value instanceof Map)
      return new Map([...value].map(([key, item]) => [this.maskDeep(key), this.maskDeep(item)]))
    if (value instanceof Set) return new Set([...value].map((item) => this.maskDeep(item)))
    if (Buffer.isBuffer(value)) return this.mask(value.toString())
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.mask(key), this.maskDeep(item)]),
    )
  }
}

function patternOf(values: ReadonlySet<string>): RegExp {
  const spellings = new Map<string, string>()
  for (const value of values) {
    for (const spelling of spellingsOf(value)) spellings.set(spelling, patternFor(spelling, value))
  }
  const longestFirst = [...spellings].sort(([one], [other]) => other.length - one.length)
  return new RegExp(longestFirst.map(([, pattern]) => pattern).join('|'), 'gu')
}

/** A short value stands for itself only as a whole word: else it would blot out half of every text. */
function patternFor(spelling: string, value: string): string {
  const literal = spelling.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return value.length < 4 ? `(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])` : literal
}

function spellingsOf(value: string): Set<string> {
  const spellings = new Set([value])
  const json = JSON.stringify(value).slice(1, -1)
  spellings.add(json).add(JSON.stringify(json).slice(1, -1))
  spellings.add(value.replaceAll("'", "'\\''"))
  for (const trimmed of [value.trim(), ...value.split('\n').filter((line) => line.trim().length >= 8)]) {
    if (trimmed !== '') spellings.add(trimmed)
  }
  if (value.length < 4) return spellings
  const bytes = Buffer.from(value)
  const base64 = bytes.toString('base64')
  spellings.add(base64).add(base64.replace(/=+$/, '')).add(bytes.toString('base64url'))
  for (const encoded of urlEncoded(value)) spellings.add(encoded)
  return spellings
}

function urlEncoded(value: string): string[] {
  const encoded = encodeURIComponent(Buffer.from(value).toString())
  const strict = encoded.replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const both = [encoded, strict]
  return [
    ...both,
    ...both.map((text) => text.replaceAll('%20', '+')),
    ...both.map((text) => text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
  ]
}

import type { Position } from '../errors.ts'
import type { SecretSource } from '../yaml/secret-source.ts'
import { secretPattern } from './secret-pattern.ts'
import { type OutsideOrigin, readSecretSource } from './secret-value.ts'

/** Stands where a secret was. */
export const secretMark = '‹secret›'

/** The values that are shown nowhere. */
export class Secrets {
  readonly #values = new Set<string>()
  readonly #resolved = new Map<string, string>()
  #dryRun: boolean
  #pattern: RegExp | undefined

  /** @param options dryRun: what is made up is not written */
  constructor(options: { dryRun?: boolean } = {}) {
    this.#dryRun = options.dryRun ?? false
  }

  /** From now on nothing that is made up is written. */
  startDryRun(): void {
    this.#dryRun = true
  }

  add(value: string): void {
    if (value === '' || this.#values.has(value)) return
    this.#values.add(value)
    this.#pattern = undefined
  }

  /** The value of a secret, read or made up once. Throws ExpressionError where it cannot be had. */
  resolve(source: SecretSource, render: (text: string) => string = (text) => text): string {
    const { origin } = source
    // A text may hold variables, whose values differ from host to host.
    const value = origin.type === 'text' ? render(origin.text) : this.#read(origin, source.at)
    this.add(value)
    return value
  }

  #read(origin: OutsideOrigin, at: Position): string {
    const key = JSON.stringify(origin)
    const value = this.#resolved.get(key) ?? readSecretSource(origin, at, this.#dryRun)
    this.#resolved.set(key, value)
    return value
  }

  /** The text with each secret value replaced, in every spelling in which values travel. */
  mask(text: string): string {
    if (this.#values.size === 0) return text
    this.#pattern ??= patternOf(this.#values)
    return text.replace(this.#pattern, secretMark)
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

/** A longer secret hides a shorter one that is a part of it. */
function patternOf(values: ReadonlySet<string>): RegExp {
  const longestFirst = [...values].toSorted((one, other) => other.length - one.length)
  return new RegExp(longestFirst.map(secretPattern).join('|'), 'gu')
}

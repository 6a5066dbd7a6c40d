import { type Position, UserError } from '../../errors.ts'
import { SecretSource } from '../../yaml/secret-source.ts'
import type { Dialect } from '../dialect.ts'
import type { Layer } from '../layer.ts'
import { isPlainObject } from '../plain.ts'
import { Masker } from './masker.ts'
import { type OutsideOrigin, readSecretSource } from './secret-value.ts'

/** The replacement of a secret in masked text. */
export const secretMark = '‹secret›'

/** The values that are masked in all output. */
export class Secrets {
  readonly #values = new Set<string>()
  readonly #masker = new Masker(secretMark)
  readonly #seen = new WeakSet<Layer>()
  readonly #resolved = new Map<string, string>()
  #dryRun: boolean

  /** @param options dryRun: generated secrets are not written to their files */
  constructor(options: { dryRun?: boolean } = {}) {
    this.#dryRun = options.dryRun ?? false
  }

  /** From now on, generated secrets are not written to their files. */
  startDryRun(): void {
    this.#dryRun = true
  }

  add(value: string): void {
    if (value === '' || this.#values.has(value)) return
    this.#values.add(value)
    unseen(() => {
      this.#masker.add(value)
    })
  }

  /**
   * Registers the secrets of a layer before anything reads them, because answers of hosts may contain values of an earlier
   * run. A secret that does not exist yet, or whose text contains expressions, is registered when it is resolved.
   */
  learn(layer: Layer): void {
    const { dialect } = layer
    if (dialect === undefined || this.#seen.has(layer)) return
    this.#seen.add(layer)
    for (const value of layer.values.values()) this.#learn(value, dialect)
  }

  #learn(value: unknown, dialect: Dialect): void {
    if (value instanceof SecretSource) this.#learnSource(value, dialect)
    else if (Array.isArray(value)) for (const item of value) this.#learn(item, dialect)
    else if (isPlainObject(value)) for (const item of Object.values(value)) this.#learn(item, dialect)
  }

  #learnSource({ origin, at }: SecretSource, dialect: Dialect): void {
    if (origin.type === 'text') {
      if (!dialect.isTemplated(origin.text)) this.add(origin.text)
      return
    }
    try {
      this.add(
        readSecretSource(origin.type === 'file' ? { type: 'file', path: origin.path } : origin, at, true),
      )
    } catch (error) {
      // The task that reads it reports the error.
      if (!(error instanceof UserError)) throw error
    }
  }

  /** Returns the value of a secret, which is read or generated once. Throws ExpressionError if that fails. */
  resolve(source: SecretSource, render: (text: string) => string = (text) => text): string {
    const { origin } = source
    // not cached: the variables in a text differ from host to host
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

  /** Replaces each secret in a text, also if it is escaped or encoded. */
  mask(text: string): string {
    if (this.#values.size === 0) return text
    return unseen(() => this.#masker.mask(text))
  }

  /** Masks every string in a value, including the keys of objects. */
  maskDeep(value: unknown): unknown {
    if (this.#values.size === 0) return value
    return unseen(() => this.#maskDeep(value))
  }

  #maskDeep(value: unknown): unknown {
    if (typeof value === 'string') return this.#masker.mask(value)
    if (typeof value === 'object' && value !== null) return this.#maskObject(value)
    if (typeof value !== 'number' && typeof value !== 'bigint') return value
    const masked = this.#masker.mask(String(value))
    return masked === String(value) ? value : masked
  }

  #maskObject(value: object): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#maskDeep(item))
    if (value instanceof Map)
      return new Map([...value].map(([key, item]) => [this.#maskDeep(key), this.#maskDeep(item)]))
    if (value instanceof Set) return new Set([...value].map((item) => this.#maskDeep(item)))
    if (Buffer.isBuffer(value)) return this.#masker.mask(value.toString())
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#masker.mask(key), this.#maskDeep(item)]),
    )
  }
}

/** Throws an error without the text if masking fails. */
function unseen<Result>(work: () => Result): Result {
  try {
    return work()
  } catch {
    throw new Error('masking failed, so the text is not shown')
  }
}

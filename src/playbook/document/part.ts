import type { Position } from '../../errors.ts'
import type { Dialect } from '../../variables/dialect.ts'
import { SecretSource } from '../../yaml/secret-source.ts'
import type { Path } from '../../yaml/yaml-document.ts'
import type { PlaybookValue } from '../playbook.ts'

/** A value in a YAML file, with its position and those of its parts. */
export class Part implements PlaybookValue {
  readonly value: unknown
  readonly #document: PlaybookValue
  readonly #path: Path

  constructor(document: PlaybookValue, path: Path = [], value: unknown = document.value) {
    this.#document = document
    this.#path = path
    this.value = value
  }

  get dialect(): Dialect {
    return this.#document.dialect
  }

  at(path: Path = []): Position {
    return this.#document.at([...this.#path, ...path])
  }

  keyAt(path: Path): Position {
    return this.#document.keyAt([...this.#path, ...path])
  }

  /** Returns the value of a key of this mapping. */
  get(key: string): Part | undefined {
    const value = this.#mapping?.[key]
    return value === undefined ? undefined : new Part(this.#document, [...this.#path, key], value)
  }

  /** Returns the keys of this mapping; none if it is not a mapping. */
  get keys(): string[] {
    return Object.keys(this.#mapping ?? {})
  }

  /** Returns the elements of this list; undefined if it is not a list. */
  get items(): Part[] | undefined {
    if (!Array.isArray(this.value)) return undefined
    return this.value.map((item: unknown, index) => new Part(this.#document, [...this.#path, index], item))
  }

  /** Returns true for a string with an expression. */
  get isTemplated(): boolean {
    return typeof this.value === 'string' && this.dialect.isTemplated(this.value)
  }

  get isMapping(): boolean {
    return this.#mapping !== undefined
  }

  get #mapping(): Record<string, unknown> | undefined {
    return isMapping(this.value) ? this.value : undefined
  }
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SecretSource)
  )
}

/** Describes a value for "expected …, not …": "a list", "the number 5", …. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof SecretSource) return 'a secret'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? `'${value}'` : typeof value
}

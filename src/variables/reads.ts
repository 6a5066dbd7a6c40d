import type { Dialect } from './dialect.ts'
import type { Layer } from './layer.ts'
import { isLazy } from './lazy-mapping.ts'

/** A variable before it is rendered. */
interface Found {
  readonly value: unknown
  /** Undefined if its strings are data. */
  readonly dialect: Dialect | undefined
}

/** Where variables are looked up. */
export interface Lookup {
  unavailable(name: string): unknown
  layerOf(name: string): Layer | undefined
}

/** The variables that a piece of work has read. Where all of them are the same, so is what the work comes to. */
export class Reads {
  readonly #found = new Map<string, Found | undefined>()
  /** Of these it was only asked whether they are there. */
  readonly #onlySought = new Set<string>()
  #isRepeatable = true

  /** Its value was read. */
  addValue(name: string, layer: Layer | undefined): void {
    const found = foundIn(layer, name)
    if (typeof found?.value === 'object' && found.value !== null && isLazy(found.value)) this.spoil()
    this.#found.set(name, found)
    this.#onlySought.delete(name)
  }

  /** It was only asked whether it is there. */
  addPresence(name: string, layer: Layer | undefined): void {
    if (this.#found.has(name)) return
    this.#found.set(name, foundIn(layer, name))
    this.#onlySought.add(name)
  }

  addAll(other: Reads): void {
    for (const [name, found] of other.#found) {
      const isSought = other.#onlySought.has(name)
      if (isSought && this.#found.has(name)) continue
      this.#found.set(name, found)
      if (isSought) this.#onlySought.add(name)
      else this.#onlySought.delete(name)
    }
    if (!other.#isRepeatable) this.spoil()
  }

  /** The work may come to something else the next time, also with the same variables. */
  spoil(): void {
    this.#isRepeatable = false
  }

  get isRepeatable(): boolean {
    return this.#isRepeatable
  }

  /** Whether the work would read the same there. */
  areSameIn(lookup: Lookup): boolean {
    if (!this.#isRepeatable) return false
    for (const [name, found] of this.#found) {
      if (!isSame(found, foundIn(lookup.layerOf(name), name))) return false
      if (!this.#onlySought.has(name) && lookup.unavailable(name) !== undefined) return false
    }
    return true
  }
}

function foundIn(layer: Layer | undefined, name: string): Found | undefined {
  return layer === undefined ? undefined : { value: layer.values.get(name), dialect: layer.dialect }
}

function isSame(one: Found | undefined, other: Found | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Object.is(one.value, other.value) && one.dialect === other.dialect
}

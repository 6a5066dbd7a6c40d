import type { Dialect } from './dialect.ts'
import type { Layer } from './layer.ts'
import { isLazy } from './lazy-mapping.ts'

/** A variable before it is rendered. */
interface Found {
  readonly value: unknown
  /** Undefined if its strings are data. */
  readonly dialect: Dialect | undefined
}

/** Looks up variables. */
export interface Lookup {
  unavailable(name: string): unknown
  layerOf(name: string): Layer | undefined
}

/** The variables that a piece of work has read. With the same values elsewhere, the work has the same result. */
export class Reads {
  readonly #found = new Map<string, Found | undefined>()
  /** The variables whose existence was tested but whose value was not read. */
  readonly #onlySought = new Set<string>()
  #isRepeatable = true

  /** Records that the value of a variable was read. */
  addValue(name: string, layer: Layer | undefined): void {
    const found = foundIn(layer, name)
    if (typeof found?.value === 'object' && found.value !== null && isLazy(found.value))
      this.markUnrepeatable()
    this.#found.set(name, found)
    this.#onlySought.delete(name)
  }

  /** Records that the existence of a variable was tested. */
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
    if (!other.#isRepeatable) this.markUnrepeatable()
  }

  /** Returns the reads of variables that the layer does not define. */
  without({ values }: Layer): Reads {
    const others = new Reads()
    others.addAll(this)
    for (const name of values.keys()) {
      others.#found.delete(name)
      others.#onlySought.delete(name)
    }
    return others
  }

  /** Records that the result depends on more than variables. */
  markUnrepeatable(): void {
    this.#isRepeatable = false
  }

  get isRepeatable(): boolean {
    return this.#isRepeatable
  }

  /** Returns whether the work would read the same values there. */
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

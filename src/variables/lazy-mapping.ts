type Missing = (name: string) => Error | undefined

const lazy = new WeakMap<object, Missing>()

export interface LazyMappingOptions {
  /** Names that are there for who asks for them, and in no list. */
  readonly unlisted?: readonly string[]
  /** Asked for the names that are not there: why nobody can say yet. */
  readonly missing?: Missing
}

/** An object whose properties are made when they are read. The names may be shared with other mappings. */
export function lazyMapping(
  names: ReadonlySet<string>,
  read: (name: string) => unknown,
  { unlisted = [], missing = () => undefined }: LazyMappingOptions = {},
): Record<string, unknown> {
  const mapping = new Proxy<Record<string, unknown>>({}, new LazyProperties(names, unlisted, read))
  lazy.set(mapping, missing)
  return mapping
}

/** Every host of a run has a mapping of all hosts: a property of its own for each would take memory for all pairs of them. */
class LazyProperties implements ProxyHandler<Record<string, unknown>> {
  readonly #names: ReadonlySet<string>
  readonly #unlisted: readonly string[]
  readonly #read: (name: string) => unknown

  constructor(names: ReadonlySet<string>, unlisted: readonly string[], read: (name: string) => unknown) {
    this.#names = names
    this.#unlisted = unlisted
    this.#read = read
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    return this.#holds(key) ? this.#read(key) : Reflect.get(target, key, receiver)
  }

  has(target: object, key: PropertyKey): boolean {
    return this.#holds(key) || Reflect.has(target, key)
  }

  ownKeys(): string[] {
    return [...this.#names]
  }

  getOwnPropertyDescriptor(_target: object, key: PropertyKey): PropertyDescriptor | undefined {
    if (!this.#holds(key)) return undefined
    return { configurable: true, enumerable: this.#names.has(key), get: () => this.#read(key) }
  }

  set(): boolean {
    return false
  }

  defineProperty(): boolean {
    return false
  }

  #holds(key: PropertyKey): key is string {
    return typeof key === 'string' && (this.#names.has(key) || this.#unlisted.includes(key))
  }
}

/** Whether reading all of it at once would do work that nobody asked for. */
export function isLazy(value: object): boolean {
  return lazy.has(value)
}

/** Why nobody can say yet whether the mapping has something of this name. */
export function whyMissing(value: object, name: string): Error | undefined {
  return lazy.get(value)?.(name)
}

type Missing = (name: string) => Error | undefined

const lazy = new WeakMap<object, Missing>()

export interface LazyMappingOptions {
  /** Names that can be read but are not enumerated. */
  readonly unlisted?: readonly string[]
  /** Returns the reason why it is not known yet whether a missing name will be defined. */
  readonly missing?: Missing
}

/** Returns an object whose properties are computed when they are read. Mappings may share their names. */
export function lazyMapping(
  names: ReadonlySet<string>,
  read: (name: string) => unknown,
  { unlisted = [], missing = () => undefined }: LazyMappingOptions = {},
): Record<string, unknown> {
  const mapping = new Proxy<Record<string, unknown>>({}, new LazyProperties(names, unlisted, read))
  lazy.set(mapping, missing)
  return mapping
}

/** A proxy: own properties would take memory for every pair of hosts, because each host has a mapping of all hosts. */
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

/** Returns whether a value is a lazy mapping, whose properties should not be read without need. */
export function isLazy(value: object): boolean {
  return lazy.has(value)
}

/** Returns the reason why it is not known yet whether a mapping will have this name. */
export function reasonMissing(value: object, name: string): Error | undefined {
  return lazy.get(value)?.(name)
}

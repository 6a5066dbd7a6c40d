type Missing = (name: string) => Error | undefined

const lazy = new WeakMap<object, Missing>()

export interface LazyMappingOptions {
  /** Names that are there for who asks for them, and in no list. */
  readonly unlisted?: readonly string[]
  /** Asked for the names that are not there: why nobody can say yet. */
  readonly missing?: Missing
}

/** An object whose properties are made when they are read. */
export function lazyMapping(
  names: readonly string[],
  read: (name: string) => unknown,
  { unlisted = [], missing = () => undefined }: LazyMappingOptions = {},
): Record<string, unknown> {
  const mapping: Record<string, unknown> = {}
  const define = (name: string, enumerable: boolean): void => {
    Object.defineProperty(mapping, name, { enumerable, get: () => read(name) })
  }
  for (const name of names) define(name, true)
  for (const name of unlisted) if (!names.includes(name)) define(name, false)
  lazy.set(mapping, missing)
  return mapping
}

/** Whether reading all of it at once would do work that nobody asked for. */
export function isLazy(value: object): boolean {
  return lazy.has(value)
}

/** Why nobody can say yet whether the mapping has something of this name. */
export function whyMissing(value: object, name: string): Error | undefined {
  return lazy.get(value)?.(name)
}

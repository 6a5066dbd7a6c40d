const lazy = new WeakSet()

/** An object whose properties are made when they are read. */
export function lazyMapping(
  names: readonly string[],
  read: (name: string) => unknown,
): Record<string, unknown> {
  const mapping: Record<string, unknown> = {}
  for (const name of names) {
    Object.defineProperty(mapping, name, { enumerable: true, get: () => read(name) })
  }
  lazy.add(mapping)
  return mapping
}

/** Whether reading all of it at once would do work that nobody asked for. */
export function isLazy(value: object): boolean {
  return lazy.has(value)
}

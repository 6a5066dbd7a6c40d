import { stat } from 'node:fs/promises'

interface Cached<Value> {
  readonly version: string
  readonly value: Promise<Value>
}

/** Values that are made from files and cached until the file changes. All hosts use the same files. */
export class FileCache<Value> {
  readonly #make: (file: string) => Promise<Value>
  readonly #beside: readonly string[]
  readonly #known = new Map<string, Cached<Value>>()

  /** @param beside the suffixes of other files that `make` reads, such as `.pub` */
  constructor(make: (file: string) => Promise<Value>, beside: readonly string[] = []) {
    this.#make = make
    this.#beside = beside
  }

  async get(file: string): Promise<Value> {
    const version = (
      await Promise.all(['', ...this.#beside].map((ending) => versionOf(file + ending)))
    ).join()
    const known = this.#known.get(file)
    if (known?.version === version) return known.value
    const value = this.#make(file)
    this.#known.set(file, { version, value })
    return value
  }
}

async function versionOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

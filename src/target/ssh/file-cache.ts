import { statSync } from 'node:fs'

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

  get(file: string): Promise<Value> {
    const version = ['', ...this.#beside].map((ending) => versionOf(file + ending)).join()
    const known = this.#known.get(file)
    if (known?.version === version) return known.value
    const value = this.#make(file)
    this.#known.set(file, { version, value })
    return value
  }
}

/** Reads the file's attributes synchronously, which takes a tenth of the time: each login of each host does so. */
function versionOf(file: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(file)
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

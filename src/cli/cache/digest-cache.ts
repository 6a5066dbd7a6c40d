import { closeSync, openSync, readSync } from 'node:fs'

import { digestOfBundle } from './code-cache.ts'
import { cacheFolder, PrivateFile } from './private-file.ts'

/** Above this size of a file, only the results of the last run are kept. */
const mostBytes = 4_000_000

/** The format of a file of results by their digests. */
export interface Format<Result> {
  print(results: ReadonlyMap<string, Result>): Buffer
  /** Returns no results for a damaged file. */
  parse(content: Buffer): Map<string, Result>
}

/** Results of earlier runs in one file, by the SHA-256 of their inputs. */
export class DigestCache<Result> {
  readonly #file: PrivateFile
  readonly #format: Format<Result>
  #known: Map<string, Result> | undefined
  readonly #used = new Map<string, Result>()
  #isComplete = true

  /** Returns undefined for a program that is not a bundle. */
  static of<Result>(bundle: string, name: string, format: Format<Result>): DigestCache<Result> | undefined {
    const digest = digestOfBundle(beginningOf(bundle))
    if (digest === undefined) return undefined
    return new DigestCache(
      new PrivateFile(cacheFolder(), name, `${digest} ${process.version} ${bundle}`),
      format,
    )
  }

  constructor(file: PrivateFile, format: Format<Result>) {
    this.#file = file
    this.#format = format
  }

  get(digest: string): Result | undefined {
    this.#known ??= this.#read()
    const result = this.#known.get(digest)
    if (result !== undefined) this.#used.set(digest, result)
    return result
  }

  add(digest: string, result: Result): void {
    this.#used.set(digest, result)
    this.#isComplete = false
  }

  save(): void {
    if (this.#isComplete) return
    const all = this.#format.print(new Map([...(this.#known ?? []), ...this.#used]))
    this.#file.write(all.length > mostBytes ? this.#format.print(this.#used) : all)
  }

  #read(): Map<string, Result> {
    const content = this.#file.read()
    return content === undefined ? new Map<string, Result>() : this.#format.parse(content)
  }
}

function beginningOf(file: string): string {
  const beginning = Buffer.alloc(100)
  const descriptor = openSync(file, 'r')
  try {
    return beginning.toString('latin1', 0, readSync(descriptor, beginning))
  } finally {
    closeSync(descriptor)
  }
}

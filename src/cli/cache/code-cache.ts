import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { commandNames } from '../command-names.ts'
import { PrivateFile } from './private-file.ts'

interface CodeCacheOptions {
  readonly folder: string
  readonly command: string
  /** The path of the program. */
  readonly bundle: string
  /** The text of the program. */
  readonly source: string
}

/** The first arguments that get a cache file each, because each uses another part of the bundle. */
const cached: readonly string[] = ['', '--version', '--help', '-h', ...commandNames]

const day = 86_400_000

/** The compiled code of one command, in a file. */
export class CodeCache {
  readonly #folder: string
  readonly #file: PrivateFile

  /** Returns undefined for an unknown command, and for a bundle without a digest. */
  static of({ folder, command, bundle, source }: CodeCacheOptions): CodeCache | undefined {
    const digest = digestOfBundle(source)
    if (digest === undefined || !cached.includes(command)) return undefined
    return new CodeCache(folder, new PrivateFile(folder, fileName(command), `${digest} ${bundle}`))
  }

  private constructor(folder: string, file: PrivateFile) {
    this.#folder = folder
    this.#file = file
  }

  read(): Buffer | undefined {
    return this.#file.read()
  }

  /** Does nothing if the folder cannot be written to. */
  write(code: Buffer): void {
    if (this.#file.write(code)) this.#removeOld()
  }

  /** Removes old files of other versions of Node.js and of interrupted runs, and files of unknown commands. */
  #removeOld(): void {
    const current = new Set(cached.map(fileName))
    for (const name of readdirSync(this.#folder)) {
      if (!/^v\d.*\.v8(\.\d+)?$/.test(name) || current.has(name)) continue
      const file = join(this.#folder, name)
      if (Date.now() - lstatSync(file).mtimeMs > 30 * day || !isOfCommand(name)) rmSync(file, { force: true })
    }
  }
}

/** Returns the SHA-256 that build/bundle.ts writes to the first line. */
export function digestOfBundle(source: string): string | undefined {
  return /^\/\/ sha256 ([0-9a-f]{64})\n/.exec(source.slice(0, 100))?.[1]
}

function fileName(command: string): string {
  return `${process.version}-${process.arch}-${command.replace(/^-+/, '')}.v8`
}

function isOfCommand(name: string): boolean {
  const [, command = ''] = /^v[\d.]+-\w+-(\w*)\.v8/.exec(name) ?? []
  return cached.some((known) => known.replace(/^-+/, '') === command)
}

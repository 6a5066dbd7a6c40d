import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { distrustAbove, reasonOf } from '../trusted-path.ts'
import { commandNames } from './command-names.ts'

interface CodeCacheOptions {
  readonly folder: string
  readonly command: string
  /** The path of the program, and its text. */
  readonly bundle: string
  readonly source: string
}

/** Each has a file, for each uses another part of the bundle. */
const cached: readonly string[] = ['', '--version', '--help', '-h', ...commandNames]

const day = 86_400_000

/** Compiled code in a file. The process runs it, so it is read only from files that no user but this one and root can write. */
export class CodeCache {
  readonly #folder: string
  readonly #file: string
  /** The first bytes of the file: they identify the bundle that it was compiled from. */
  readonly #origin: Buffer

  /** Undefined for a command that does not exist, and for a bundle that does not say what is in it. */
  static of({ folder, command, bundle, source }: CodeCacheOptions): CodeCache | undefined {
    const digest = /^\/\/ sha256 ([0-9a-f]{64})\n/.exec(source.slice(0, 100))?.[1]
    if (digest === undefined || !cached.includes(command)) return undefined
    return new CodeCache(folder, fileName(command), `${digest} ${bundle}\n`)
  }

  private constructor(folder: string, name: string, origin: string) {
    this.#folder = folder
    this.#file = join(folder, name)
    // V8 copies compiled code that does not begin at a multiple of eight bytes
    const { length } = Buffer.from(origin)
    this.#origin = Buffer.from(origin + ' '.repeat(-length & 7))
  }

  read(): Buffer | undefined {
    try {
      const file = openSync(this.#file, constants.O_RDONLY | constants.O_NOFOLLOW)
      try {
        const { uid, mode } = fstatSync(file)
        if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined
        const content = readFileSync(file)
        const { length } = this.#origin
        return content.subarray(0, length).equals(this.#origin) ? content.subarray(length) : undefined
      } finally {
        closeSync(file)
      }
    } catch {
      return undefined
    }
  }

  /** Without a place to write to, the next run compiles again. */
  write(code: Buffer): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      if (!lstatSync(this.#folder).isDirectory()) return
      if ((reasonOf(this.#folder) ?? distrustAbove(this.#folder)) !== undefined) return
      this.#replace(Buffer.concat([this.#origin, code]))
      this.#removeOld()
    } catch {
      return
    }
  }

  /** By a new file: what has the name of the draft is not written to, nor what a symlink leads to. */
  #replace(content: Buffer): void {
    const draft = `${this.#file}.${process.pid}`
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, content)
      renameSync(draft, this.#file)
    } catch {
      rmSync(draft, { force: true })
    } finally {
      closeSync(file)
    }
  }

  /** Of other versions of Node.js, of runs that broke off, of names that are no commands. */
  #removeOld(): void {
    const current = new Set(cached.map(fileName))
    for (const name of readdirSync(this.#folder)) {
      if (!/^v\d.*\.v8(\.\d+)?$/.test(name) || current.has(name)) continue
      const file = join(this.#folder, name)
      if (Date.now() - lstatSync(file).mtimeMs > 30 * day || !isOfCommand(name)) rmSync(file)
    }
  }
}

function fileName(command: string): string {
  return `${process.version}-${process.arch}-${command.replace(/^-+/, '')}.v8`
}

function isOfCommand(name: string): boolean {
  const [, command = ''] = /^v[\d.]+-\w+-(\w*)\.v8/.exec(name) ?? []
  return cached.some((known) => known.replace(/^-+/, '') === command)
}

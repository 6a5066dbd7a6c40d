import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

import { distrustAbove, weaknessOf } from '../../trusted-path.ts'

/** Returns the folder of the files that make the next run faster. */
export function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME']
  // A relative path would name a folder that any repository can contain; the specification says to ignore it.
  const folder = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache')
  return join(folder, 'hostwright')
}

/** A file of the cache. Its content is trusted, so it is read only if no user but this one and root can write to it. */
export class PrivateFile {
  readonly #folder: string
  readonly #path: string
  /** The first bytes of the file. */
  readonly #origin: Buffer

  /** @param origin the version of the program that wrote the content: a file with another origin is ignored */
  constructor(folder: string, name: string, origin: string) {
    this.#folder = folder
    this.#path = join(folder, name)
    // padded, because V8 copies compiled code that does not start at a multiple of eight bytes
    const { length } = Buffer.from(`${origin}\n`)
    this.#origin = Buffer.from(`${origin}\n${' '.repeat(-length & 7)}`)
  }

  read(): Buffer | undefined {
    try {
      if (!this.#isFolderTrusted()) return undefined
      const file = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW)
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

  /** Returns false if the folder cannot be written to or is not trusted. */
  write(content: Buffer): boolean {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      if (!this.#isFolderTrusted()) return false
      this.#replace(Buffer.concat([this.#origin, content]))
      return true
    } catch {
      return false
    }
  }

  #isFolderTrusted(): boolean {
    if (!lstatSync(this.#folder).isDirectory()) return false
    return (weaknessOf(this.#folder) ?? distrustAbove(this.#folder)) === undefined
  }

  /** Renames a new file, so that nothing is written to an existing file or through a symlink. */
  #replace(content: Buffer): void {
    const draft = `${this.#path}.${process.pid}`
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, content)
      renameSync(draft, this.#path)
    } catch {
      rmSync(draft, { force: true })
    } finally {
      closeSync(file)
    }
  }
}

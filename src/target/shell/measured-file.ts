import { open, stat, type FileHandle } from 'node:fs/promises'
import type { Stats } from 'node:fs'

import { UserError } from '../../errors.ts'
import type { ControllerFile } from '../sh.ts'

/** A file on the controller whose size was sent to a host; it must not change until it has been read. */
export class MeasuredFile {
  readonly size: number
  readonly #path: string
  readonly #modified: number

  private constructor(path: string, { size, mtimeMs }: Stats) {
    this.size = size
    this.#path = path
    this.#modified = mtimeMs
  }

  static async measure({ path }: ControllerFile): Promise<MeasuredFile> {
    const stats = await stat(path).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    if (!stats.isFile()) throw new UserError(`cannot send ${path}: not a regular file`)
    return new MeasuredFile(path, stats)
  }

  /** Yields the content in pieces that share one buffer: a piece is valid until the next one is requested. */
  async *pieces(most: number): AsyncGenerator<Buffer> {
    const file = await this.#open()
    try {
      const memory = Buffer.allocUnsafeSlow(Math.min(most, this.size))
      for (let left = this.size; left > 0;) {
        const piece = memory.subarray(0, left)
        await this.#fill(file, piece)
        left -= piece.length
        yield piece
      }
      this.#expectUnchanged(await file.stat())
    } finally {
      await file.close()
    }
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#path)
    } catch (error) {
      throw unreadable(this.#path, error)
    }
  }

  async #fill(file: FileHandle, bytes: Buffer): Promise<void> {
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await file.read(bytes, filled).catch((error: unknown) => {
        throw unreadable(this.#path, error)
      })
      if (bytesRead === 0) throw this.#changed()
      filled += bytesRead
    }
  }

  #expectUnchanged({ size, mtimeMs }: Stats): void {
    if (size !== this.size || mtimeMs !== this.#modified) throw this.#changed()
  }

  #changed(): UserError {
    return new UserError(`cannot send ${this.#path}: the file changed during the transfer`, {
      hint: 'wait until the file is complete, or write it to another path and rename it',
    })
  }
}

function unreadable(path: string, cause: unknown): UserError {
  const { message } = cause as Error
  return new UserError(`cannot send ${path}: ${message}`, { cause })
}

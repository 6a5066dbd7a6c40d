import { open, stat, type FileHandle } from 'node:fs/promises'
import type { Stats } from 'node:fs'

import { UserError } from '../../errors.ts'
import type { ControllerFile } from '../sh.ts'

/** A file of the controller whose size was announced to a host: it must stay as it is until all of it is read. */
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
    if (!stats.isFile()) throw new UserError(`${path} can't be sent to a host: it is no regular file`)
    return new MeasuredFile(path, stats)
  }

  /** All of it. A piece counts until the next one is wanted: it is the same memory. */
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
    return new UserError(`${this.#path} changed while it was sent to a host`, {
      hint: 'what writes it must have ended first, or write elsewhere and rename',
    })
  }
}

function unreadable(path: string, cause: unknown): UserError {
  const { message } = cause as Error
  return new UserError(`${path} can't be sent to a host: ${message}`, { cause })
}

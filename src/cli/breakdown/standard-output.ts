import { ExitCode, UserError } from '../../errors.ts'
import type { Output } from '../../report/printer.ts'

/** The error if a standard stream of the command cannot be written. */
export class OutputError extends UserError {
  override name = 'OutputError'
  /** True if the reader has closed the pipe. As with other programs, no message reports that. */
  readonly isClosed: boolean

  constructor(stream: string, cause: NodeJS.ErrnoException) {
    const isClosed = cause.code === 'EPIPE'
    super(`cannot write to ${stream}: ${cause.message}`, {
      exitCode: isClosed ? ExitCode.outputClosed : ExitCode.outputFailed,
      cause,
    })
    this.isClosed = isClosed
  }
}

/** A standard stream of the process. After the first write that fails, it discards everything. */
export class StandardOutput implements Output {
  readonly #stream: NodeJS.WriteStream
  readonly #fail: (cause: NodeJS.ErrnoException) => void
  #hasFailed = false
  #lastWrite: Promise<void> = Promise.resolve()

  /** @param onFailure is called once */
  constructor(stream: NodeJS.WriteStream, name: string, onFailure: (error: OutputError) => void) {
    this.#stream = stream
    this.#fail = (cause) => {
      if (this.#hasFailed) return
      this.#hasFailed = true
      onFailure(new OutputError(name, cause))
    }
    stream.on('error', this.#fail)
  }

  get isTTY(): boolean {
    return this.#stream.isTTY
  }

  get columns(): number | undefined {
    return this.#stream.columns
  }

  write(text: string | Buffer): void {
    if (this.#hasFailed) return
    this.#lastWrite = new Promise((resolve) => {
      try {
        this.#stream.write(text, (error) => {
          if (error !== undefined && error !== null) this.#fail(error)
          resolve()
        })
      } catch (error) {
        // Node.js 20 writes to files synchronously, and throws
        this.#fail(error as NodeJS.ErrnoException)
        resolve()
      }
    })
  }

  /** Resolves when everything is written or a write has failed. */
  flush(): Promise<void> {
    return this.#lastWrite
  }
}

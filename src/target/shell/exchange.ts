import type { Writable } from 'node:stream'

import type { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import { stuckUpload, unkillableScript } from '../lost-connection.ts'
import type { Batch, Outcome } from '../target.ts'
import { encodeCancel } from './frame.ts'
import { framesOf, type Frame } from './request.ts'

/** The seconds after its time limits when a silent batch is aborted, because not even SIGKILL ended a process. */
const answerTimeLimit = 30

/** The seconds in which a cancelled batch must end; the host kills it after 5. */
const cancelTimeLimit = 15

/** The seconds in which the host must accept one frame. */
const frameTimeLimit = 60

/** The seconds in which the host must confirm the cancellation of a batch that was only partly sent. */
const forgetTimeLimit = 1

/** The bytes that may be written but not received: the window of a channel and the buffers of the kernel. */
const underWay = 4 * 1024 * 1024

/** The bytes per second of the slowest supported link. */
const slowest = 20_000

/** The sending of one batch and the wait for its answer. */
export class Exchange {
  readonly id: number
  /** True if the whole batch was sent. */
  started = false
  readonly #host: string
  readonly #stdin: Writable
  readonly #lose: (error: ConnectionError) => void
  readonly #deadline = new Deadline()
  readonly #answer: Promise<readonly Outcome[]>
  #resolve: (outcomes: readonly Outcome[]) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #sentBytes = 0
  #stopped: { readonly reason: unknown } | undefined
  #isOver = false

  /** @param lose is called if the host does not respond in time */
  constructor(host: string, id: number, stdin: Writable, lose: (error: ConnectionError) => void) {
    this.id = id
    this.#host = host
    this.#stdin = stdin
    this.#lose = lose
    this.#answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resolve(outcomes: readonly Outcome[]): void {
    this.#resolve(outcomes)
  }

  reject(error: unknown): void {
    this.#reject(error)
  }

  async run(batch: Batch, signal: AbortSignal | undefined): Promise<readonly Outcome[]> {
    const abort = () => {
      this.#stop(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    void this.#send(batch)
    try {
      const outcomes = await this.#answer
      this.#throwIfStopped()
      return outcomes
    } catch (error) {
      this.#throwIfStopped()
      throw error
    } finally {
      this.#isOver = true
      this.#deadline.clear()
      signal?.removeEventListener('abort', abort)
    }
  }

  async #send(batch: Batch): Promise<void> {
    try {
      for await (const frame of framesOf({ ...batch, id: this.id })) {
        if (this.#hasStopped()) return
        this.#deadline.restart(frameTimeLimit, () => {
          this.#lose(stuckUpload(this.#host, frameTimeLimit))
        })
        this.started = frame.starts
        await this.#write(frame)
      }
      if (this.#hasStopped()) return
      const arrival = Math.min(this.#sentBytes, underWay) / slowest
      this.#deadline.restart(arrival + batch.scripts.length * (batch.timeLimit + 6) + answerTimeLimit, () => {
        this.#lose(unkillableScript(this.#host))
      })
    } catch (error) {
      this.#stop(error)
    }
  }

  /** Resolves when the frame was accepted or the exchange is over. */
  async #write({ pieces }: Frame): Promise<void> {
    const written = pieces.map((piece) => {
      this.#sentBytes += piece.length
      return new Promise<void>((resolve) => {
        this.#stdin.write(piece, () => {
          resolve()
        })
      })
    })
    await Promise.race([Promise.all(written), this.#answer.catch(() => undefined)])
  }

  #hasStopped(): boolean {
    return this.#isOver || this.#stopped !== undefined
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason
  }

  /** Kills the running script. Scripts that have not started never run. */
  #stop(reason: unknown): void {
    if (this.#hasStopped()) return
    this.#stopped = { reason }
    if (this.#sentBytes === 0) {
      this.reject(reason)
      return
    }
    this.#stdin.write(encodeCancel(this.id))
    if (this.started)
      this.#deadline.restart(cancelTimeLimit, () => {
        this.#lose(unkillableScript(this.#host))
      })
    else
      this.#deadline.restart(forgetTimeLimit, () => {
        this.reject(reason)
      })
  }
}

class Deadline {
  #limit: HostTimeLimit | undefined

  restart(seconds: number, action: () => void): void {
    this.#limit?.clear()
    this.#limit = new HostTimeLimit(seconds, action)
  }

  clear(): void {
    this.#limit?.clear()
  }
}

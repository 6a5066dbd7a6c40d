import type { Writable } from 'node:stream'

import { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import type { Batch, Outcome } from '../target.ts'
import { encodeCancel } from './frame.ts'
import { framesOf, type Frame } from './request.ts'

/** Seconds beyond its time limits after which a batch that doesn't answer is given up: a process that even SIGKILL doesn't end. */
const patience = 30

/** Seconds in which a cancelled batch must have ended; the host itself takes 5 at most. */
const cancelPatience = 15

/** Seconds in which the host must have taken one frame. */
const framePatience = 60

/** Seconds in which the host says that it has forgotten a batch which it can't run any more, because not all of it was sent. */
const forgetPatience = 1

/** Bytes that were written but have not arrived: the window of a channel, and what the kernel keeps. */
const underWay = 4 * 1024 * 1024

/** Bytes a second of the slowest link. */
const slowest = 20_000

/** One batch: its way to the host, and the answer. */
export class Exchange {
  readonly id: number
  /** The host has all of it. */
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

  /** @param lose is called when the host does not do its part */
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
        if (this.#sendsNoMore()) return
        this.#deadline.restart(framePatience, () => {
          this.#lose(this.#stuck())
        })
        this.started = frame.starts
        await this.#write(frame)
      }
      if (this.#sendsNoMore()) return
      const arrival = Math.min(this.#sentBytes, underWay) / slowest
      this.#deadline.restart(arrival + batch.scripts.length * (batch.timeLimit + 6) + patience, () => {
        this.#lose(this.#silent())
      })
    } catch (error) {
      this.#stop(error)
    }
  }

  /** Until the frame was taken, or nobody cares any more. */
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

  #sendsNoMore(): boolean {
    return this.#isOver || this.#stopped !== undefined
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason
  }

  /** What runs is ended; what has not begun does not begin. */
  #stop(reason: unknown): void {
    if (this.#sendsNoMore()) return
    this.#stopped = { reason }
    if (this.#sentBytes === 0) {
      this.reject(reason)
      return
    }
    this.#stdin.write(encodeCancel(this.id))
    if (this.started)
      this.#deadline.restart(cancelPatience, () => {
        this.#lose(this.#silent())
      })
    else
      this.#deadline.restart(forgetPatience, () => {
        this.reject(reason)
      })
  }

  #stuck(): ConnectionError {
    return new ConnectionError(
      this.#host,
      'lost',
      `${this.#host}: for ${framePatience} seconds the host took nothing of the files of a script`,
    )
  }

  #silent(): ConnectionError {
    return new ConnectionError(
      this.#host,
      'lost',
      `${this.#host}: a script neither ended nor could be ended when its time was over`,
      {
        hint: 'a process that waits for a disk or a network file system cannot be killed: look for state D in ps',
      },
    )
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

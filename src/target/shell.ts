import { randomBytes } from 'node:crypto'

import { ConnectionError } from '../errors.ts'
import { AnswerReader, encodeCancel, encodeRequest } from './frame.ts'
import type { Answer } from './frame.ts'
import type { Ending, Pipes } from './pipes.ts'
import { startProgram } from './shell-program.ts'
import type { Batch, Outcome } from './target.ts'

interface Waiting {
  readonly id: number
  resolve(outcomes: readonly Outcome[]): void
  reject(error: unknown): void
}

/** Seconds beyond its time limits after which a batch that doesn't answer is given up: a process that even SIGKILL doesn't end. */
const patience = 30

/** Seconds in which a cancelled batch must have ended; the host itself takes 5 at most. */
const cancelPatience = 15

/** One persistent shell of one user: batches go in, outcomes come out, one batch at a time. */
export class Shell {
  readonly ended: Promise<Ending>
  readonly #host: string
  readonly #pipes: Pipes
  readonly #answers: AnswerReader
  #queue: Promise<unknown> = Promise.resolve()
  #waiting: Waiting | undefined
  #failure: ConnectionError | undefined
  #complaints = ''
  #lastId = 0

  /** @param pipes of a process that runs the bootstrap and has printed its marker */
  constructor(host: string, pipes: Pipes) {
    this.ended = pipes.ended
    this.#host = host
    this.#pipes = pipes
    const nonce = randomBytes(16).toString('hex')
    this.#answers = new AnswerReader(nonce)
    pipes.stdout.on('data', (chunk: Buffer) => {
      this.#receive(chunk)
    })
    pipes.stderr.on('data', (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString()).slice(-1000)
    })
    pipes.stdin.on('error', () => {
      // the end of the process tells more
    })
    void pipes.ended.then((ending) => {
      this.#fail(this.#lost(ending))
    })
    pipes.stdin.write(startProgram(nonce, randomBytes(8).toString('hex')))
  }

  run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]> {
    const result = this.#queue.then(() => this.#send(batch, signal))
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** The host ends what runs and removes its files. */
  close(): void {
    this.#fail(new ConnectionError(this.#host, 'lost', `${this.#host}: the connection was closed`))
    this.#pipes.stdin.end()
  }

  async #send(batch: Batch, signal: AbortSignal | undefined): Promise<readonly Outcome[]> {
    signal?.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    this.#lastId += 1
    const id = this.#lastId
    const cancel = () => {
      this.#pipes.stdin.write(encodeCancel(id))
      deadline.refresh(cancelPatience)
    }
    const deadline = new Deadline(batch.scripts.length * (batch.timeLimit + 6) + patience, () => {
      this.#fail(this.#silent())
    })
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      const outcomes = await new Promise<readonly Outcome[]>((resolve, reject) => {
        this.#waiting = { id, resolve, reject }
        this.#pipes.stdin.write(
          encodeRequest({ ...batch, id, continueAfterFailure: batch.continueAfterFailure === true }),
        )
      })
      signal?.throwIfAborted()
      return outcomes
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    } finally {
      this.#waiting = undefined
      deadline.clear()
      signal?.removeEventListener('abort', cancel)
    }
  }

  #receive(chunk: Buffer): void {
    try {
      for (const answer of this.#answers.push(chunk)) this.#accept(answer)
    } catch (error) {
      this.#waiting?.reject(error)
    }
  }

  #accept(answer: Answer): void {
    if (answer.type === 'fatal') {
      this.#fail(new ConnectionError(this.#host, 'lost', `${this.#host}: ${answer.message}`))
    } else if (answer.id === this.#waiting?.id) {
      if (answer.type === 'outcomes') this.#waiting.resolve(answer.outcomes)
      else this.#waiting.reject(this.#lost({}))
    }
  }

  #fail(error: ConnectionError): void {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
  }

  #lost(ending: Ending): ConnectionError {
    const during = this.#waiting === undefined ? '' : ' while a script was running'
    const how =
      ending.signal !== undefined
        ? `the remote shell was killed by ${ending.signal}`
        : ending.code !== undefined
          ? `the remote shell ended with code ${ending.code}`
          : `the connection was lost${ending.cause === undefined ? '' : ` (${ending.cause.message})`}`
    const complaints = this.#complaints.trim()
    return new ConnectionError(
      this.#host,
      'lost',
      `${this.#host}: ${how}${during}${complaints === '' ? '' : `: ${complaints}`}`,
      this.#waiting === undefined
        ? {}
        : { hint: 'when the host is back, another run finds what is left to do' },
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
  readonly #action: () => void
  #timer: NodeJS.Timeout

  constructor(seconds: number, action: () => void) {
    this.#action = action
    this.#timer = setTimeout(action, seconds * 1000)
  }

  refresh(seconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#action, seconds * 1000)
  }

  clear(): void {
    clearTimeout(this.#timer)
  }
}

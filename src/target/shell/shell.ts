import { randomBytes } from 'node:crypto'

import { type ConnectionError, reasonOf, UserError } from '../../errors.ts'
import { closedConnection, invalidOutput, lostConnection, stoppedShell } from '../lost-connection.ts'
import type { Ending, Pipes } from '../pipes.ts'
import type { Batch, Outcome } from '../target.ts'
import { startProgram } from './bootstrap.ts'
import { Exchange } from './exchange.ts'
import { AnswerReader } from './frame.ts'
import type { Answer } from './frame.ts'

/** The number of characters of stderr that are kept; more than is shown, because masking precedes shortening. */
const longestStderr = 65_536

/** A persistent shell of one user that runs one batch at a time. */
export class Shell {
  readonly ended: Promise<Ending>
  readonly #host: string
  readonly #pipes: Pipes
  readonly #answers: AnswerReader
  #queue: Promise<unknown> = Promise.resolve()
  #exchange: Exchange | undefined
  #failure: ConnectionError | undefined
  #stderr = ''
  #lastId = 0

  /** @param pipes of a process that runs the bootstrap and has printed its marker */
  constructor(host: string, pipes: Pipes) {
    this.ended = pipes.ended
    this.#host = host
    this.#pipes = pipes
    const nonce = randomBytes(16).toString('hex')
    this.#answers = new AnswerReader(nonce)
    pipes.stdout.on('data', this.#receive)
    pipes.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-longestStderr)
    })
    pipes.stdin.on('error', () => {
      // The end of the process gives a better reason.
    })
    void pipes.ended.then((ending) => {
      this.#fail(this.#lost(ending))
    })
    pipes.stdin.write(startProgram(nonce, randomBytes(8).toString('hex')))
  }

  run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]> {
    const result = this.#queue.then(() => this.#send(batch, signal))
    // The queue must not keep the answer, which may be large.
    this.#queue = result.then(nothing, nothing)
    return result
  }

  /** Closes the shell. The host kills the running script and removes the session's files. */
  close(): void {
    this.#fail(closedConnection(this.#host))
    this.#pipes.stdin.end()
  }

  async #send(batch: Batch, signal: AbortSignal | undefined): Promise<readonly Outcome[]> {
    signal?.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
    this.#lastId += 1
    const id = this.#lastId
    const exchange = new Exchange(this.#host, id, this.#pipes.stdin, (error) => {
      this.#fail(error)
    })
    this.#exchange = exchange
    try {
      return await exchange.run(batch, signal)
    } finally {
      this.#exchange = undefined
    }
  }

  readonly #receive = (chunk: Buffer): void => {
    try {
      for (const answer of this.#answers.push(chunk)) this.#accept(answer)
    } catch (error) {
      this.#abort(reasonOf(error))
    }
  }

  /** Fails the shell and reads no more from the host. */
  #abort(reason: string): void {
    this.#pipes.stdout.off('data', this.#receive)
    this.#pipes.stdout.pause()
    this.#fail(invalidOutput(this.#host, reason))
    this.#pipes.stdin.end()
  }

  #accept(answer: Answer): void {
    if (answer.type === 'fatal') {
      this.#fail(stoppedShell(this.#host, answer.message))
      return
    }
    const exchange = this.#exchange
    if (answer.id !== exchange?.id) return
    switch (answer.type) {
      case 'outcomes':
        exchange.resolve(answer.outcomes)
        break
      case 'cancelled':
        exchange.reject(this.#lost({}))
        break
      case 'refused':
        exchange.reject(
          new UserError(`${this.#host}: ${answer.message}`, {
            hint: 'free disk space or inodes on the host: see df and df -i',
          }),
        )
    }
  }

  #fail(error: ConnectionError): void {
    this.#failure ??= error
    this.#exchange?.reject(this.#failure)
  }

  #lost(ending: Ending): ConnectionError {
    return lostConnection(this.#host, ending, { exchange: this.#exchange, stderr: this.#stderr })
  }
}

function nothing(): void {
  return undefined
}

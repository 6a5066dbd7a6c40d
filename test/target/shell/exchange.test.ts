import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect } from 'chai'

import type { ConnectionError } from '../../../src/errors.ts'
import { attach, attachFile, sh } from '../../../src/target/sh.ts'
import { Exchange } from '../../../src/target/shell/exchange.ts'
import type { Batch, Outcome } from '../../../src/target/target.ts'
import { controlHostTime } from '../host-time-control.ts'

/** The input of a host that accepts bytes only when told to. */
class Input extends Writable {
  readonly #accepted: string[] = []
  #open = false
  #accept: (() => void) | undefined

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#accept = () => {
      this.#accept = undefined
      this.#accepted.push(bytes.toString('latin1'))
      done()
    }
    if (this.#open) this.#accept()
  }

  /** Accepts what is waiting, but nothing after it. */
  acceptOne(): void {
    this.#accept?.()
  }

  acceptAll(): this {
    this.#open = true
    this.#accept?.()
    return this
  }

  get text(): string {
    return this.#accepted.join('')
  }
}

describe('an exchange with a host', () => {
  const { pass } = controlHostTime()
  const answer: readonly Outcome[] = [{ code: 0, stdout: 'x', stderr: '', timedOut: false }]
  let folder: string
  let exchange: Exchange
  let lost: string[]

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-exchange-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })
  afterEach(() => {
    exchange.resolve(answer)
  })

  const batchOf = (content: string, timeLimit = 10): Batch => ({
    scripts: [sh`cat ${attach('file', content)}`],
    timeLimit,
  })

  /** Starts to send a batch. @returns the end of the exchange in words */
  function send(input: Input, batch: Batch, signal?: AbortSignal): { readonly end: Promise<string> } {
    lost = []
    const lose = (error: ConnectionError) => {
      lost.push(error.message)
      exchange.reject(error)
    }
    exchange = new Exchange('web1', 7, input, lose)
    const end = exchange.run(batch, signal).then(
      () => 'answered',
      (error: unknown) => (error as Error).message,
    )
    return { end }
  }

  const noProgress = "web1: the upload of a script's files made no progress for 60 seconds"
  const noAnswer = 'web1: a script exceeded its time limit and could not be killed'

  it('loses a host that accepts nothing for 60 seconds', async () => {
    const { end } = send(new Input(), batchOf('x'))
    await pass(59)
    expect(lost).to.deep.equal([])
    await pass(2)
    expect(await end).to.equal(noProgress)
  })

  it('waits for a slow host as long as it accepts a part of a file every 60 seconds', async () => {
    const input = new Input()
    const { end } = send(input, batchOf('x'.repeat(1024 * 1024)))
    for (let count = 0; count < 8; count += 1) {
      await pass(29)
      input.acceptOne()
    }
    expect(lost).to.deep.equal([])
    expect(exchange.started).to.equal(false)
    await pass(61)
    expect(await end).to.equal(noProgress)
  })

  it('loses a host that is silent for 36 seconds after the time limit of every script', async () => {
    const scripts = [sh`true`, sh`true`]
    const { end } = send(new Input().acceptAll(), { scripts, timeLimit: 10 })
    await pass(10 + 6 + 10 + 6 + 29)
    expect(lost).to.deep.equal([])
    await pass(2)
    expect(await end).to.equal(noAnswer)
  })

  it('adds the time in which a slow link delivers what was sent', async () => {
    const { end } = send(new Input().acceptAll(), batchOf('x'.repeat(1_000_000)))
    await pass(10 + 6 + 30 + 49)
    expect(lost).to.deep.equal([])
    await pass(5)
    expect(await end).to.equal(noAnswer)
  })

  it('adds no more time for a large file than the network can hold back', async () => {
    const { end } = send(new Input().acceptAll(), batchOf('x'.repeat(8_000_000)))
    await pass(10 + 6 + 30 + 208)
    expect(lost).to.deep.equal([])
    await pass(5)
    expect(await end).to.equal(noAnswer)
  })

  it('returns the answer, and does not lose the host afterwards', async () => {
    const { end } = send(new Input().acceptAll(), batchOf('x'))
    await pass(1)
    exchange.resolve(answer)
    expect(await end).to.equal('answered')
    await pass(1000)
    expect(lost).to.deep.equal([])
  })

  it('sends nothing more after an answer that comes before the end of the upload', async () => {
    const input = new Input()
    const { end } = send(input, batchOf('x'.repeat(1024 * 1024)))
    await pass(1)
    exchange.resolve(answer)
    expect(await end).to.equal('answered')
    input.acceptAll()
    await pass(1000)
    expect(input.text).not.to.include('go 7')
    expect(lost).to.deep.equal([])
  })

  it('cancels a running batch, and waits 15 seconds for the confirmation', async () => {
    const controller = new AbortController()
    const input = new Input().acceptAll()
    const { end } = send(input, batchOf('x', 100), controller.signal)
    await pass(1)
    expect(exchange.started).to.equal(true)
    controller.abort(new Error('enough'))
    expect(input.text).to.match(/cancel 7\n$/)
    await pass(14)
    expect(lost).to.deep.equal([])
    await pass(2)
    expect(lost).to.deep.equal([noAnswer])
    expect(await end).to.equal('enough')
  })

  it('reports the reason of a cancellation even if the host answered at the same time', async () => {
    const controller = new AbortController()
    const { end } = send(new Input().acceptAll(), batchOf('x'), controller.signal)
    await pass(1)
    controller.abort(new Error('enough'))
    exchange.resolve(answer)
    expect(await end).to.equal('enough')
  })

  it('waits one second for the confirmation if the batch was not sent completely, and keeps the host', async () => {
    const controller = new AbortController()
    const input = new Input()
    const { end } = send(input, batchOf('x'.repeat(1024 * 1024)), controller.signal)
    await pass(1)
    controller.abort(new Error('enough'))
    let isOver = false
    void end.then(() => (isOver = true))
    await pass(0.9)
    expect(isOver).to.equal(false)
    await pass(0.2)
    expect(await end).to.equal('enough')
    input.acceptAll()
    await pass(1000)
    expect(input.text).to.match(/cancel 7\n$/)
    expect(input.text).not.to.include('go 7')
    expect(lost).to.deep.equal([])
  })

  it('sends no cancellation if nothing was sent', async () => {
    const controller = new AbortController()
    const input = new Input().acceptAll()
    const file = join(folder, 'large')
    writeFileSync(file, 'x')
    const batch = { scripts: [sh`cat ${attachFile('file', file)}`], timeLimit: 10 }
    const { end } = send(input, batch, controller.signal)
    controller.abort(new Error('enough'))
    expect(await end).to.equal('enough')
    await pass(100)
    expect(input.text).to.equal('')
  })

  it('rejects if a file cannot be read, without a lost host', async () => {
    const batch = { scripts: [sh`cat ${attachFile('file', join(folder, 'missing'))}`], timeLimit: 10 }
    expect(await send(new Input().acceptAll(), batch).end).to.include('cannot send')
    await pass(1000)
    expect(lost).to.deep.equal([])
  })
})

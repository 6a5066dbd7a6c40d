import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { Command, Order, Reply, Report } from './protocol.ts'
import { complete, type LiveRelease, type LoadSettings } from './settings.ts'

export type { Report } from './protocol.ts'

/** Clients of a site in a separate process, which run until they are stopped or reach a maximum. */
export interface Load {
  /** The program of their process. */
  readonly pid: number
  /**
   * Allows clients to see this release after the previous ones; no connection may return to an earlier one.
   * After a rollback, the previous release is allowed again.
   */
  allow(next: LiveRelease): Promise<void>
  /** Requires new requests to get the release that was allowed last. */
  settle(): Promise<void>
  /** Performs an action, and collects separate figures for its duration. */
  window<Result>(name: string, action: () => Promise<Result>): Promise<Result>
  /** Waits for this many more answers. */
  answers(count: number): Promise<void>
  /** Ends the load when every request is answered or lost. */
  stop(): Promise<Report>
}

export async function startLoad(settings: LoadSettings): Promise<Load> {
  const order: Order = { name: 'start', settings: complete(settings) }
  const generator = new Generator()
  await generator.obey(order)
  let report: Promise<Report> | undefined
  return {
    pid: generator.pid,
    allow: (next) => generator.obey({ name: 'allow', next }),
    settle: () => generator.obey({ name: 'settle' }),
    async window(name, action) {
      await generator.obey({ name: 'open', window: name })
      const result = await action()
      await generator.obey({ name: 'close', window: name })
      return result
    },
    answers: (answers) => generator.obey({ name: 'await', answers }),
    stop: () => (report ??= generator.end()),
  }
}

/** Runs an action under load; the load ends with the action, even if it fails. */
export async function underLoad(
  settings: LoadSettings,
  action: (load: Load) => Promise<void>,
): Promise<Report> {
  const load = await startLoad(settings)
  try {
    await action(load)
  } finally {
    await load.stop()
  }
  return await load.stop()
}

/** The process of the load, as the test controls it. */
class Generator {
  readonly #process: ChildProcess
  readonly #ended: Promise<never>
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #commands = 0

  constructor() {
    this.#process = fork(fileURLToPath(new URL('generator.ts', import.meta.url)), {
      execArgv: ['--import=tsx'],
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (reply: Reply) => this.#waiting.get(reply.id)?.(reply))
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`the process that makes the load has ended with ${String(code ?? signal)}`)
    })
    this.#ended.catch(() => undefined)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async obey(order: Order): Promise<void> {
    await this.#send(order)
  }

  async end(): Promise<Report> {
    const exit = once(this.#process, 'exit')
    const { report } = await this.#send({ name: 'stop' })
    if (report === undefined) throw new Error('the process that makes the load gave no report')
    await exit
    return report
  }

  async #send(order: Order): Promise<Reply> {
    const id = (this.#commands += 1)
    const replied = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve))
    this.#process.send({ id, order } satisfies Command)
    const reply = await Promise.race([replied, this.#ended])
    this.#waiting.delete(id)
    if (reply.refused !== undefined) throw new Error(reply.refused)
    return reply
  }
}

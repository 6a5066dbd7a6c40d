import { ConnectionError, ExitCode } from '../../errors.ts'
import type { Handler, Play } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'
import { taskStart } from '../task/task-event.ts'
import type { HostLimiter } from './concurrency.ts'
import type { Handlers } from './handlers.ts'
import type { RecordedTasks } from './recorded-tasks.ts'
import type { RunSettings } from './run-settings.ts'
import { upcomingOf, tasksAhead, type Upcoming } from './upcoming.ts'

/** Runs the notified handlers of a play. */
export class HandlerFlush {
  readonly #play: Play
  readonly #settings: RunSettings
  readonly #handlers: Handlers
  readonly #tasks: RecordedTasks
  readonly #limiter: HostLimiter

  constructor(
    play: Play,
    settings: RunSettings,
    handlers: Handlers,
    tasks: RecordedTasks,
    limiter: HostLimiter,
  ) {
    this.#play = play
    this.#settings = settings
    this.#handlers = handlers
    this.#tasks = tasks
    this.#limiter = limiter
  }

  /** Runs each notified handler once, in the order of definition, until none is left. */
  async run(hosts: readonly HostRun[], then: Upcoming | undefined): Promise<void> {
    const takingPart = hosts.filter((host) => this.#takesPart(host))
    await this.#limiter.onEach(takingPart, (host) => this.#takeOver(host))
    const ahead = [...tasksAhead(then)]
    for (const host of takingPart) this.#handlers.notifyLeft(host, ahead)
    for (;;) {
      const able = takingPart.filter((host) => this.#takesPart(host))
      const handler = this.#handlers.next(able)
      if (handler === undefined) break
      await this.#runHandler(
        handler,
        able.filter((host) => host.notified.has(handler)),
        then,
      )
    }
    if (this.#settings.check) return
    await this.#limiter.onEach(takingPart, (host) => this.#keeping(host, () => this.#handlers.clear(host)))
  }

  #takesPart(host: HostRun): boolean {
    const forced = this.#play.forceHandlers || this.#settings.forceHandlers
    return host.status === 'active' || (host.status === 'failed' && forced)
  }

  async #takeOver(host: HostRun): Promise<void> {
    await this.#keeping(host, async () => {
      const handlers = await this.#handlers.takeOver(host)
      if (handlers.length > 0) this.#settings.emit({ event: 'pending', host: host.name, handlers })
    })
  }

  async #runHandler(handler: Handler, hosts: readonly HostRun[], then: Upcoming | undefined): Promise<void> {
    this.#settings.emit(taskStart(this.#play, handler, hosts, true))
    await this.#limiter.onEach(
      hosts,
      async (host) => {
        const notice = host.notified.get(handler)
        host.notified.delete(handler)
        const result = await this.#tasks.run(handler, host, upcomingOf([], then), notice)
        if (result !== undefined && result.status !== 'failed') this.#handlers.ran(handler, host)
      },
      handler,
    )
  }

  /** Reports a host that becomes unreachable between two tasks; the run continues on the others. */
  async #keeping(host: HostRun, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      host.status = 'unreachable'
      host.exitCode = ExitCode.unreachable
      host.counts.unreachable += 1
      this.#settings.emit({ event: 'warning', host: host.name, msg: error.message })
    }
  }
}

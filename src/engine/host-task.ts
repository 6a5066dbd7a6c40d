import { ConnectionError, type UserError } from '../errors.ts'
import type { Play, Task } from '../playbook/playbook.ts'
import { tasksAhead, type Course } from './course.ts'
import type { Handlers } from './handlers.ts'
import type { HostRun, Notice } from './host-run.ts'
import { flagOf } from './keywords.ts'
import { wishesAhead } from './look-ahead.ts'
import type { PlaySettings } from './play-run.ts'
import type { Wish } from './reader.ts'
import {
  failedResult,
  interruptedResult,
  registered,
  unknownResult,
  unreachableResult,
  type Result,
} from './result.ts'
import { countResult, taskEvent, type Named } from './task-event.ts'
import { runTask, type LoopResult } from './task-run.ts'

/** Runs tasks of a play on hosts and sees to what follows from each: the count, the event, the variable, the handlers. */
export class HostTasks {
  readonly #play: Play
  readonly #settings: PlaySettings
  readonly #handlers: Handlers

  constructor(play: Play, settings: PlaySettings, handlers: Handlers) {
    this.#play = play
    this.#settings = settings
    this.#handlers = handlers
  }

  /** Missing when the host was lost. An interrupted task is told of before the interruption goes on its way. */
  async run(task: Task, host: HostRun, course: Course, notice?: Notice): Promise<Result | undefined> {
    const { signal } = this.#settings
    signal.throwIfAborted()
    const started = performance.now()
    const notified = this.#handlers.notifiedBy(task)
    try {
      const result =
        notice === 'possible'
          ? unknownResult('it is known whether something changed that notifies it')
          : await runTask(host, task, {
              ...this.#settings,
              ahead: () => this.ahead(host, task, course),
              noteOf: (user) => this.#handlers.note(notified, host, user),
            })
      if (result.changed) this.#handlers.notify(notified, host, 'certain')
      else if (result.status === 'unknown') this.#handlers.notify(notified, host, 'possible')
      this.#settle(task, host, result, notice !== undefined, started)
      return result
    } catch (error) {
      const context = { handler: notice !== undefined, started }
      if (signal.aborted) this.#tell(task, host, interruptedResult(), context)
      if (signal.aborted || !(error instanceof ConnectionError)) throw error
      this.lose(task, host, error, context)
      return undefined
    }
  }

  /** What the tasks after this one want to read. */
  ahead(host: HostRun, task: Task | undefined, course: Course): Wish[] {
    if (host.window === 0) return []
    return [...this.#handlers.wishes(host), ...wishesAhead(host, task, tasksAhead(course))]
  }

  lose(
    task: Named,
    host: HostRun,
    error: ConnectionError,
    context: { handler: boolean; started: number },
  ): void {
    host.status = 'unreachable'
    this.#tell(task, host, unreachableResult(error), context)
  }

  /** An include that can't be rendered or loaded fails its host, as a task does. */
  failInclude(include: Named, host: HostRun, error: UserError, started: number): void {
    const result = failedResult(error)
    host.fail(include, registered(result))
    this.#tell(include, host, result, { handler: false, started })
  }

  /** Of what ended otherwise than by a result of its own. */
  #tell(task: Named, host: HostRun, result: Result, context: { handler: boolean; started: number }): void {
    countResult(host, result, false)
    const plain = { play: this.#play.name, hidden: false, ignored: false }
    this.#settings.emit(taskEvent(task, host, result, { ...plain, ...context }))
  }

  #settle(task: Task, host: HostRun, result: LoopResult, handler: boolean, started: number): void {
    const scope = host.variables.scopeOf(task)
    const failed = result.status === 'failed'
    const ignored = failed && flagOf(task, 'ignoreErrors', scope)
    const hidden = flagOf(task, 'noLog', scope)
    if (task.register !== undefined) host.variables.register(task.register, registered(result))
    countResult(host, result, ignored)
    if (failed && !ignored) host.fail(task, registered(result))
    this.#settings.emit(
      taskEvent(task, host, result, { play: this.#play.name, handler, started, hidden, ignored }),
    )
  }
}

import { now } from '../../clock.ts'
import { ConnectionError, ExitCode, TaskFailure, UserError } from '../../errors.ts'
import type { Play, Task } from '../../playbook/playbook.ts'
import type { Named } from '../host/named.ts'
import { NotKnown } from '../../variables/not-known.ts'
import { isPlainObject } from '../../variables/plain.ts'
import type { Scope } from '../../variables/scope.ts'
import type { HostRun, Notice } from '../host/host-run.ts'
import { nameOn } from '../host/rendered-name.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { demandFlags, flagOf, type Flags } from '../task/keywords.ts'
import { requestsAhead } from '../task/look-ahead.ts'
import {
  failedResult,
  interruptedResult,
  notKept,
  registered,
  unknownResult,
  unreachableResult,
  type LoopResult,
  type Result,
} from '../task/result.ts'
import { failureOf, runTask } from '../task/run-task.ts'
import { countResult, taskEvent } from '../task/task-event.ts'
import type { Handlers } from './handlers.ts'
import { isLeftOut } from './include-run.ts'
import type { RunSettings } from './run-settings.ts'
import { tasksAhead, type Upcoming } from './upcoming.ts'

/** Runs tasks of a play on hosts, and records the results: counts, events, registered variables, notified handlers. */
export class RecordedTasks {
  readonly #play: Play
  readonly #settings: RunSettings
  readonly #handlers: Handlers

  constructor(play: Play, settings: RunSettings, handlers: Handlers) {
    this.#play = play
    this.#settings = settings
    this.#handlers = handlers
  }

  /** Returns undefined if the host became unreachable. Reports an interrupted task before it throws. */
  async run(task: Task, host: HostRun, upcoming: Upcoming, notice?: Notice): Promise<Result | undefined> {
    const { signal } = this.#settings
    signal.throwIfAborted()
    const started = now()
    this.#settings.emit({ event: 'busy', host: host.name, task: nameOn(host, task) })
    try {
      const { result, hidden } =
        notice === 'possible'
          ? { result: unknownResult('it is known whether a task notifies the handler'), hidden: false }
          : await runTask(host, task, {
              ...this.#settings,
              ahead: () => this.ahead(host, task, upcoming),
              noteOf: (user, scope) =>
                this.#handlers.note(this.#handlers.notifiedBy(task, host, [scope]), host, user),
            })
      const notifying = this.#notify(task, host, result)
      return this.#record(task, host, notifying, { handler: notice !== undefined, hidden, started })
    } catch (error) {
      const context = { handler: notice !== undefined, started }
      if (signal.aborted) this.#recordEnd(task, host, interruptedResult(), context)
      if (signal.aborted || !(error instanceof ConnectionError)) throw error
      if (!isLossIgnored(task, host.variables.scopeOf(task))) {
        this.recordLoss(task, host, error, context)
        return undefined
      }
      return await this.#ignoreLoss(task, host, error, context)
    }
  }

  /** Notifies the handlers of a change. Returns the result, or a failure if a name cannot be rendered. */
  #notify(task: Task, host: HostRun, result: LoopResult): LoopResult {
    if (task.notify.length === 0 || (!result.changed && result.status !== 'unknown')) return result
    const scope = host.variables.scopeOf(task)
    const scopes = result.items
      ?.filter((item) => item.result.changed || item.result.status === 'unknown')
      .map(({ layer }) => (layer === undefined ? scope : scope.with(layer)))
    try {
      const notified = this.#handlers.notifiedBy(task, host, scopes ?? [scope])
      this.#handlers.notify(notified, host, result.changed ? 'certain' : 'possible')
      return result
    } catch (error) {
      const { changed, changes, effects } = result
      return { ...failureOf(error), changed, changes, effects }
    }
  }

  /** Keeps the host in the play. The next task tries to connect again. */
  async #ignoreLoss(
    task: Task,
    host: HostRun,
    error: ConnectionError,
    context: { handler: boolean; started: number },
  ): Promise<Result> {
    const result = unreachableResult(error)
    if (task.register !== undefined) host.variables.registerFree(task.register, registered(result))
    countResult(host, result, true)
    this.#settings.emit(
      taskEvent(task, host, result, { play: this.#play, ...context, hidden: false, ignored: true }),
    )
    await host.machine.reconnect()
    return result
  }

  /** Gives the result of a task with `run_once` to another host, including variables that it set, and a failure. */
  share(task: Task, result: Result, by: HostRun, other: HostRun): void {
    const started = now()
    const { ansible_facts: facts } = result.values
    if (isPlainObject(facts)) other.variables.setFacts(facts)
    if (task.register !== undefined) other.variables.registerFree(task.register, registered(result))
    if (by.status !== 'failed') return
    const failure = failedResult(new TaskFailure(`run_once: the task failed on ${by.name}`))
    countResult(other, failure, false)
    other.fail(task, registered(result), by.exitCode)
    const context = { play: this.#play, handler: false, started, hidden: false, ignored: false }
    this.#settings.emit(taskEvent(task, other, failure, context))
  }

  /** Returns the reads of the tasks after this one. */
  ahead(host: HostRun, task: Task | undefined, upcoming: Upcoming): ReadRequest[] {
    if (host.machine.window === 0) return []
    return [
      ...this.#handlers.requests(host),
      ...requestsAhead(
        host,
        task,
        tasksAhead(upcoming, (include) => isLeftOut(host, include)),
      ),
    ]
  }

  recordLoss(
    task: Named,
    host: HostRun,
    error: ConnectionError,
    context: { handler: boolean; started: number },
  ): void {
    host.status = 'unreachable'
    host.exitCode = ExitCode.unreachable
    this.#recordEnd(task, host, unreachableResult(error), context)
  }

  /**
   * Fails the host of an include or a meta task that cannot be rendered or loaded. If a dry run cannot know its
   * condition, the result is unknown.
   */
  recordError(named: Named, host: HostRun, error: unknown, started: number): void {
    if (error instanceof ConnectionError) {
      this.recordLoss(named, host, error, { handler: false, started })
      return
    }
    const result = failureOf(error)
    if (result.status === 'failed') host.fail(named, registered(result), ExitCode.failed)
    this.#recordEnd(named, host, result, { handler: false, started })
  }

  /** Counts and reports the end of a task that has no result of its own. */
  #recordEnd(
    task: Named,
    host: HostRun,
    result: Result,
    context: { handler: boolean; started: number },
  ): void {
    countResult(host, result, false)
    const plain = { play: this.#play, hidden: false, ignored: false }
    this.#settings.emit(taskEvent(task, host, result, { ...plain, ...context }))
  }

  #record(
    task: Task,
    host: HostRun,
    outcome: LoopResult,
    context: { readonly handler: boolean; readonly hidden: boolean; readonly started: number },
  ): LoopResult {
    const { flags, judged } = withFlags(task, host.variables.scopeOf(task), outcome)
    const result = register(task, host, judged)
    const failed = result.status === 'failed'
    const ignored = failed && flags?.ignoreErrors === true
    const hidden = context.hidden || flags?.noLog === true
    countResult(host, result, ignored)
    if (failed && !ignored) host.fail(task, registered(result), result.exitCode ?? ExitCode.failed)
    this.#settings.emit({
      ...taskEvent(task, host, result, { play: this.#play, ...context, hidden, ignored }),
      ...(task.keywords.diff === undefined || flags === undefined ? {} : { diff: flags.diff }),
    })
    return result
  }
}

/** Returns the flags of a task that has run, and its result. Invalid flags make the result a failure. */
function withFlags(
  task: Task,
  scope: Scope,
  outcome: LoopResult,
): { readonly flags?: Flags; readonly judged: LoopResult } {
  try {
    return { flags: demandFlags(task, scope), judged: outcome }
  } catch (error) {
    if (!isUndecided(error)) throw error
    const isFinal = outcome.status === 'failed' || outcome.status === 'unknown'
    return { judged: isFinal ? outcome : undecided(error) }
  }
}

/** Returns the result of a task that changed the variables of its own flags, so that they cannot be evaluated. */
function undecided(error: NotKnown | UserError): Result {
  if (error instanceof UserError || error.reason === 'unknown') return failureOf(error)
  return failedResult(
    new TaskFailure('a keyword of the task needs facts that were not gathered before it ran'),
  )
}

function isLossIgnored(task: Task, scope: Scope): boolean {
  try {
    return flagOf(task, 'ignoreUnreachable', scope)
  } catch (error) {
    if (isUndecided(error)) return false
    throw error
  }
}

/** Returns whether a flag could not be evaluated: it is invalid, or its facts could not be gathered. */
function isUndecided(error: unknown): error is NotKnown | UserError {
  return error instanceof NotKnown || error instanceof UserError
}

/** Stores the result in a variable. Returns the result, or a failure if it is too large. */
function register(task: Task, host: HostRun, result: LoopResult): LoopResult {
  if (task.register === undefined) return result
  try {
    host.variables.register(task.register, registered(result))
    return result
  } catch (error) {
    if (!(error instanceof TaskFailure)) throw error
    const failure = notKept(result, error, task.register)
    host.variables.registerFree(task.register, registered(failure))
    return failure
  }
}

import { setTimeout as wait } from 'node:timers/promises'

import { TaskFailure, UserError } from '../../errors.ts'
import type { Step } from '../../modules/definition/module.ts'
import type { Task } from '../../playbook/playbook.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { Scope } from '../../variables/scope.ts'
import { converge } from '../converge/converge.ts'
import type { Note } from '../converge/note.ts'
import type { Listener } from '../event.ts'
import type { HostRun } from '../host/host-run.ts'
import { nameOn } from '../host/rendered-name.ts'
import { hostLimit } from '../machine/memory-budget.ts'
import { memorySize } from '../machine/memory-size.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { withFacts } from './facts-on-demand.ts'
import { checkModeOf, environmentOf, flagOf, quantityOf } from './keywords.ts'
import { forgetRendered, renderTask, scopeNow, type RenderedTask } from './render-task.ts'
import { conditionsHold, exhausted, judge, scopeWithResult } from './result-conditions.ts'
import {
  failedResult,
  notKept,
  resultOf,
  skipped,
  together,
  unknownResult,
  withoutValues,
  type ItemOfLoop,
  type LoopResult,
  type Result,
} from './result.ts'

/** The parts of a play that a task needs. */
export interface TaskSurroundings {
  readonly check: boolean
  readonly showCommands: boolean
  readonly signal: AbortSignal
  readonly emit: Listener
  ahead(): readonly ReadRequest[]
  /** Returns the note to write before the first change, so that no notified handler is lost. */
  noteOf(user: string | undefined, scope: Scope): Note | undefined
}

interface TaskOutcome {
  readonly result: LoopResult
  /** The value of no_log when the task started: the task itself can change the variables of no_log. */
  readonly hidden: boolean
}

/** Runs a task on a host. Throws ConnectionError if the host becomes unreachable. */
export async function runTask(host: HostRun, task: Task, around: TaskSurroundings): Promise<TaskOutcome> {
  let hidden = false
  try {
    const items = await withFacts(
      host,
      () => around.ahead(),
      () => {
        hidden = flagOf(task, 'noLog', host.variables.scopeOf(task))
        return renderTask(host, task)
      },
    )
    forgetRendered(host, task)
    return { result: await runItems(host, task, items, around), hidden }
  } catch (error) {
    return { result: failureOf(error), hidden }
  }
}

async function runItems(
  host: HostRun,
  task: Task,
  items: readonly RenderedTask[],
  around: TaskSurroundings,
): Promise<LoopResult> {
  if (task.loop !== undefined) return runLoop(host, task, items, around)
  const [rendered] = items
  return rendered === undefined ? skipped('') : runRendered(host, task, rendered, around)
}

async function runLoop(
  host: HostRun,
  task: Task,
  tasks: readonly RenderedTask[],
  around: TaskSurroundings,
): Promise<LoopResult> {
  const items: ItemOfLoop[] = []
  let size = 0
  try {
    for (const rendered of tasks) {
      const result = await runRendered(host, task, rendered, around).catch(failureOf)
      const kept = keepItem(host, task, ofItem(result, task, rendered), size)
      size = kept.size
      const { label = '', layer } = rendered
      items.push({ label, layer, result: kept.result })
    }
  } finally {
    host.memory.free(itemsOfLoop)
  }
  return { ...together(items.map(({ result }) => result)), items }
}

/** Returns the result of an item with the variables of the loop, as they are registered. */
function ofItem(result: Result, task: Task, { layer }: RenderedTask): Result {
  const loop = Object.fromEntries(layer?.values ?? [])
  return { ...result, values: { ...loop, ansible_loop_var: task.loopVariable, ...result.values } }
}

/** The name under which the results of a running loop count in the memory of the host. */
const itemsOfLoop = 'items of a loop'

/** Returns the result of an item, or its part that fits in memory. @param before the bytes of the previous items */
function keepItem(
  host: HostRun,
  task: Task,
  result: Result,
  before: number,
): { result: Result; size: number } {
  const size = before + memorySize([result.values, result.output], hostLimit)
  try {
    host.memory.hold(itemsOfLoop, size)
    return { result, size }
  } catch (error) {
    if (!(error instanceof TaskFailure)) throw error
    const kept = task.register === undefined ? withoutValues(result) : notKept(result, error, task.register)
    return { result: kept, size: before }
  }
}

/** Evaluates keywords that are not rendered with the task, and gathers the facts that they ask for. */
type Evaluate = <Value>(evaluation: (scope: Scope) => Value) => Promise<Value>

async function runRendered(
  host: HostRun,
  task: Task,
  rendered: RenderedTask,
  around: TaskSurroundings,
): Promise<Result> {
  const { until, retries, delay } = task
  const evaluate: Evaluate = (evaluation) =>
    withFacts(
      host,
      () => around.ahead(),
      () => evaluation(scopeNow(host, task, rendered)),
    )
  for (let attempt = 1; ; attempt += 1) {
    const attempted = await attemptRendered(host, task, rendered, around, evaluate).catch(impossible)
    const judged = await evaluate((scope) => judge(task, scope, attempted))
    if (until === undefined || judged.status === 'skipped' || judged.status === 'unknown') return judged
    const result = { ...judged, values: { ...judged.values, attempts: attempt } }
    if (await evaluate((scope) => conditionsHold(until, scopeWithResult(task, scope, result)))) return result
    if (attempt > (await evaluate((scope) => quantityOf(retries, 'retries', scope))))
      return exhausted(until, result, attempt)
    const seconds = await evaluate((scope) => quantityOf(delay, 'delay', scope))
    await wait(seconds * 1000, undefined, { signal: around.signal })
    if (rendered.work.type === 'module') host.machine.state.forgetAnswers(rendered.work.invocation)
  }
}

async function attemptRendered(
  host: HostRun,
  task: Task,
  rendered: RenderedTask,
  around: TaskSurroundings,
  evaluate: Evaluate,
): Promise<Result> {
  const { work } = rendered
  switch (work.type) {
    case 'skipped':
      return skipped(work.because)
    case 'unknown':
      return unknownResult(work.until)
    case 'meta':
      return skipped('')
    case 'action': {
      const { failed, exitCode, msg, facts, result } = work.action.run(work.params)
      if (facts !== undefined) host.variables.setFacts(facts)
      const values = { ...result, ...(facts === undefined ? {} : { ansible_facts: facts }) }
      const status = failed === true ? 'failed' : 'ok'
      return {
        ...{ status, changed: false, changes: [], effects: [], msg: msg ?? '', values },
        ...(exitCode === undefined ? {} : { exitCode }),
      }
    }
    case 'module': {
      const { invocation } = work
      const settings = await evaluate((scope) => ({
        check: checkModeOf(task, scope, around.check),
        environment: environmentOf(task, scope),
        ...(task.timeout === undefined ? {} : { timeLimit: quantityOf(task.timeout, 'timeout', scope) }),
      }))
      const convergence = await converge(host.machine, invocation, {
        ...settings,
        ahead: () => around.ahead(),
        until: `'${nameOn(host, task)}' has run`,
        harmless: task.changedWhen?.every((condition) => condition.text.trim() === 'false') ?? false,
        note: () => around.noteOf(invocation.user, scopeNow(host, task, rendered)),
        onSteps: (steps) => {
          announce(host, task, invocation.user, steps, around)
        },
      })
      return resultOf(convergence)
    }
  }
}

function announce(
  host: HostRun,
  task: Task,
  user: string | undefined,
  steps: readonly Step[],
  around: TaskSurroundings,
): void {
  const effect = steps.find((step) => step.effect !== undefined)?.effect
  around.emit({
    event: 'busy',
    host: host.name,
    task: nameOn(host, task),
    ...(effect === undefined ? {} : { effect }),
  })
  if (!around.showCommands) return
  const scripts = steps.flatMap((step) => [
    ...(step.validate === undefined ? [] : [step.validate.text]),
    step.script.text,
  ])
  around.emit({ event: 'commands', host: host.name, task: nameOn(host, task), user: user ?? null, scripts })
}

/** Turns a TaskFailure into a result, so that failed_when, until and ignore_errors see it. */
function impossible(error: unknown): Result {
  if (error instanceof TaskFailure) return failedResult(error, error.values)
  throw error
}

/** Turns an error into a result. Throws errors that are no result of a task. */
export function failureOf(error: unknown): Result {
  if (error instanceof NotKnown && error.reason === 'unknown') return unknownResult(error.detail)
  if (error instanceof UserError && error.name !== 'ConnectionError') return failedResult(error)
  throw error
}

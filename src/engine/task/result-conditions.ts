import type { Task } from '../../playbook/playbook.ts'
import type { Scope } from '../../variables/scope.ts'
import type { Expression } from '../../variables/templated.ts'
import { registered, type Result } from './result.ts'

/** Applies changed_when and failed_when. */
export function judge(task: Task, scope: Scope, result: Result): Result {
  if (result.status === 'skipped' || result.status === 'unknown') return result
  const { changedWhen, failedWhen } = task
  if (changedWhen === undefined && failedWhen === undefined) return result
  const own = scopeWithResult(task, scope, result)
  const changed = changedWhen === undefined ? result.changed : conditionsHold(changedWhen, own)
  const failed = failedWhen === undefined ? result.status === 'failed' : conditionsHold(failedWhen, own)
  if (failed) {
    const msg =
      result.status === 'failed' ? result.msg : `failed_when: ${failedWhen?.map(textOf).join(' and ')}`
    return { ...result, changed, status: 'failed', msg }
  }
  // The output of a command is shown only for failures, and the playbook says that this is none.
  const { changes, effects, values } = result
  const msg = result.status === 'failed' ? '' : result.msg
  return { status: changed ? 'changed' : 'ok', changed, changes, msg, effects, values }
}

/** Returns the variables with the result under the name that the task registers. */
export function scopeWithResult(task: Task, scope: Scope, result: Result): Scope {
  if (task.register === undefined) return scope
  const values = new Map([[task.register, registered(result)]])
  return scope.with({ origin: `register of '${task.name}'`, values, literal: true })
}

export function conditionsHold(conditions: readonly Expression[], scope: Scope): boolean {
  return conditions.every((condition) => scope.test(condition))
}

/** Returns the result of a task whose `until` is false after the last attempt. */
export function exhausted(conditions: readonly Expression[], result: Result, attempts: number): Result {
  const msg = `condition still false after ${attempts} attempts: ${conditions.map(textOf).join(' and ')}`
  return { ...result, status: 'failed', msg: result.status === 'failed' ? `${result.msg} (${msg})` : msg }
}

function textOf(expression: Expression): string {
  return expression.text
}

import { InvalidInputError, TaskFailure, UserError, type Diagnostic } from '../errors.ts'
import type { Play, Task } from '../playbook/playbook.ts'
import { NotKnown } from '../variables/not-known.ts'
import { tasksOf } from './course.ts'
import type { HostRun } from './host-run.ts'
import { namesSetBy } from './look-ahead.ts'
import { prepare } from './prepare.ts'

/**
 * Renders every task of a play for every host as far as that is possible without one, and says all that is wrong at once.
 * Throws InvalidInputError.
 */
export function precheck(play: Play, hosts: readonly HostRun[]): void {
  const found = new Map<string, Diagnostic>()
  for (const host of hosts) {
    for (const diagnostic of problemsOn(host, play)) {
      const { file, line, column } = diagnostic.at
      found.set(`${file}:${line}:${column} ${diagnostic.message}`, diagnostic)
    }
  }
  if (found.size > 0) throw new InvalidInputError([...found.values()])
}

function problemsOn(host: HostRun, play: Play): Diagnostic[] {
  const tasks = [
    ...play.sections.flatMap((section) => section.flatMap((node) => [...tasksOf(node)])),
    ...play.handlers,
  ]
  const pending = new Set<string>()
  const problems: Diagnostic[] = []
  host.variables.beginPlay(play)
  host.variables.withPending(pending, () => {
    for (const task of tasks) {
      problems.push(...problemsOf(task, host))
      for (const name of namesSetBy(task)) pending.add(name)
    }
  })
  return problems
}

function problemsOf(task: Task, host: HostRun): readonly Diagnostic[] {
  try {
    prepare(host, task)
    return []
  } catch (error) {
    if (error instanceof NotKnown) return []
    if (error instanceof InvalidInputError) return error.diagnostics
    if (error instanceof TaskFailure || error instanceof UserError) {
      return [
        { at: task.at, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      ]
    }
    throw error
  }
}

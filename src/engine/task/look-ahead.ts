import { UserError } from '../../errors.ts'
import type { Task } from '../../playbook/playbook.ts'
import { isMomentary } from '../../state/definition/key.ts'
import { NotKnown } from '../../variables/not-known.ts'
import { factsRequest, type HostRun } from '../host/host-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { renderTask } from './render-task.ts'

/** The number of next tasks that read for which answers are read even if most changes make them stale. */
const near = 3

/**
 * Returns the reads of the next tasks, as far as they can be rendered now. A wrong guess does no harm: each task is
 * rendered again when it runs, and reads what is missing. If a task needs facts, only the facts are returned: the next
 * batch contains everything else, so nothing is read twice.
 */
export function requestsAhead(
  host: HostRun,
  current: Task | undefined,
  upcoming: Iterable<Task>,
): ReadRequest[] {
  const pending = new Set(current === undefined ? [] : namesSetBy(current))
  return host.variables.withPending(pending, () => {
    const requests: ReadRequest[] = []
    let tasks = 0
    let distance = 0
    for (const task of upcoming) {
      if (tasks >= host.machine.window) break
      const own = requestsOf(host, task)
      if (own === 'awaits facts') return [factsRequest]
      if (own.length > 0) distance += 1
      const useful = distance <= near ? own : own.map((request) => host.machine.lasting(request))
      requests.push(...useful)
      if (useful.some((request) => host.machine.missing(request).length > 0)) tasks += 1
      for (const name of namesSetBy(task)) pending.add(name)
    }
    return requests
  })
}

/** Returns the request without the keys that are read only when the task runs. */
function lasting({ user, keys }: ReadRequest): ReadRequest {
  return { user, keys: keys.filter((key) => !isMomentary(key)) }
}

export function namesSetBy(task: Task): string[] {
  const { register, module, params } = task
  const names = register === undefined ? [] : [register]
  if (module.name !== 'set_fact' || typeof params.value !== 'object' || params.value === null) return names
  return [...names, ...Object.keys(params.value)]
}

function requestsOf(host: HostRun, task: Task): ReadRequest[] | 'awaits facts' {
  try {
    return renderTask(host, task).flatMap(({ work }) =>
      work.type === 'module' ? [lasting(work.invocation)] : [],
    )
  } catch (error) {
    if (error instanceof NotKnown && error.reason === 'facts') return 'awaits facts'
    // The task depends on a later result, or is wrong: it reports that when it runs.
    if (error instanceof NotKnown || error instanceof UserError) return []
    throw error
  }
}

import type { Task } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { withFacts } from '../task/facts-on-demand.ts'

/** Returns whether the conditions of a meta task are true on a host. */
export function appliesTo(task: Task, host: HostRun, ahead: () => readonly ReadRequest[]): Promise<boolean> {
  return withFacts(host, ahead, () => {
    const scope = host.variables.scopeOf(task)
    return task.when.every((condition) => scope.test(condition))
  })
}

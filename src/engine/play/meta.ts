import type { Task } from '../../playbook/playbook.ts'
import { withFacts } from '../task/facts-on-demand.ts'
import type { HostRun } from '../host/host-run.ts'
import type { Wish } from '../machine/read-request.ts'

/** Whether the conditions of a meta task hold on a host. */
export function isMeant(task: Task, host: HostRun, ahead: () => readonly Wish[]): Promise<boolean> {
  return withFacts(host, ahead, () => {
    const scope = host.variables.scopeOf(task)
    return task.when.every((condition) => scope.test(condition.text, condition.at))
  })
}

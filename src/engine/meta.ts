import type { Task } from '../playbook/playbook.ts'
import type { HostRun } from './host-run.ts'

/** The hosts on which the conditions of a meta task hold. */
export function meantBy(task: Task, hosts: readonly HostRun[]): HostRun[] {
  return hosts.filter((host) => {
    const scope = host.variables.scopeOf(task)
    return task.when.every((condition) => scope.test(condition.text, condition.at))
  })
}

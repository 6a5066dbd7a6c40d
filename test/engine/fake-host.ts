import { HostRun } from '../../src/engine/host/host-run.ts'
import { HostVariables } from '../../src/engine/host/host-variables.ts'
import { HostsOfRun } from '../../src/engine/host/hosts-of-run.ts'
import type { Machine } from '../../src/engine/machine/machine.ts'
import { HostMemory, MemoryBudget } from '../../src/engine/machine/memory-budget.ts'
import type { Play, Task } from '../../src/playbook/playbook.ts'
import { playOf, Project, tasksIn } from '../playbook/project.ts'
import { fakeModules } from './fake-modules.ts'

/** A play with modules of a fake target, and its tasks. */
export function playWith(tasks: string, handlers = ''): { readonly play: Play; readonly tasks: Task[] } {
  const project = new Project({ 'site.yml': `${playOf(tasks)}${handlers}` })
  const playbook = project.load({ modules: fakeModules })
  Project.cleanUp()
  return { play: playbook.plays[0]!, tasks: tasksIn(playbook) }
}

/** Returns the only host of a run of this play. */
export function hostOn(machine: Machine, play: Play, name = 'web1'): HostRun {
  const hosts = new HostsOfRun()
  const memory = new HostMemory(name, new MemoryBudget(1))
  const variables = new HostVariables(
    {
      inventory: {},
      extra: [],
      magic: () => ({ origin: 'magic', values: new Map([['inventory_hostname', name]]), literal: true }),
      options: {},
    },
    hosts,
    memory,
  )
  const host = new HostRun(name, { variables, machine, memory }, hosts)
  hosts.enroll([host])
  variables.beginPlay(play)
  return host
}

import type { Play, Playbook } from '../playbook/playbook.ts'
import type { Fleet } from './fleet.ts'

/** A playbook without syntax errors, with the hosts of its plays. */
export interface PreparedRun {
  /** The playbook with only the selected tasks. */
  readonly playbook: Playbook
  /** The names of the hosts of each play. */
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  /** The names of the variables that tasks register. */
  readonly registered: Iterable<string>
  readonly fleet: Fleet
}

import type { Play, Playbook } from '../playbook/playbook.ts'
import type { Fleet } from './fleet.ts'

/** A playbook without mistakes in its text, with the hosts of its plays. */
export interface PreparedRun {
  /** Its selected tasks only. */
  readonly playbook: Playbook
  /** The names of the hosts of each play. */
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  /** The names of the variables that its tasks register. */
  readonly registered: Iterable<string>
  readonly fleet: Fleet
}

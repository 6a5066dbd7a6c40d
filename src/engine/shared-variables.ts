/** What the variables of the hosts of a run share: each host may look into those of the others. */
export class SharedVariables {
  /** Another number after every change on any of the hosts. */
  version = 0
  /** While looking ahead: variables that a task before the one that asks is still going to set. */
  pending: ReadonlySet<string> = new Set()
}

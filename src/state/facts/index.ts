import { dateTime } from './date-time.ts'
import { distribution } from './distribution.ts'
import type { FactGroup } from './fact-group.ts'
import { hardware } from './hardware.ts'
import { managers } from './managers.ts'
import { network } from './network.ts'
import { system } from './system.ts'
import { user } from './user.ts'
import { virtualization } from './virtualization.ts'

/** All facts: one file and one line per group. */
export const factGroups: readonly FactGroup[] = [
  system,
  user,
  distribution,
  hardware,
  dateTime,
  network,
  managers,
  virtualization,
]

/** The facts of every host. Each network interface adds a fact under its name. */
export const factNames: readonly string[] = factGroups.flatMap(({ names }) => names)

/** Returns whether a host may have a fact of this name: a common fact or that of a network interface such as eth0. */
export function mayBeFact(name: string): boolean {
  return factNames.includes(name) || /^(?:lo|[a-z]+\d[a-z0-9_]*|br_\w+)$/.test(name)
}

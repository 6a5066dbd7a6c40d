import { UserError } from '../../errors.ts'
import type { Common, Play } from '../../playbook/playbook.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from './host-run.ts'

/** Returns the name of a play, task or handler on a host. */
export function nameOn(host: HostRun, place: Common | Play): string {
  return renderedOn(host, place, place.name)
}

/** Renders a name with the variables of a host. One that cannot be rendered, such as that of a loop, stays as it is. */
export function renderedOn(host: HostRun, place: Common | Play, name: string): string {
  const { dialect, at } = place
  if (!dialect.isTemplated(name)) return name
  try {
    return String(host.variables.scopeOf(place).render({ value: name, dialect, at: () => at }))
  } catch (error) {
    if (error instanceof NotKnown || error instanceof UserError) return name
    throw error
  }
}

import { UserError } from '../../errors.ts'
import type { Include } from '../../playbook/playbook.ts'
import type { Layer } from '../../variables/layer.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from '../host/host-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { withFacts } from '../task/facts-on-demand.ts'
import { iterationsOf } from '../task/iteration.ts'

/** A file or role that an include loads on a host, for one item of its loop. */
export interface Inclusion {
  readonly name: string
  /** The variables of the loop. */
  readonly layer: Layer | undefined
}

/** Returns whether it is already known that the host skips an include, for every item of its loop. */
export function isLeftOut(host: HostRun, include: Include): boolean {
  try {
    const scope = host.variables.scopeOf(include)
    const scopes = iterationsOf(include, scope)?.map(({ layer }) => scope.with(layer)) ?? [scope]
    return scopes.every((own) => include.when.some((condition) => !own.test(condition)))
  } catch (error) {
    // The condition depends on a later result, or is wrong: the include reports that when it runs.
    if (error instanceof NotKnown || error instanceof UserError) return false
    throw error
  }
}

/** Renders the names that an include loads on a host; none if its condition is false. Throws UserError. */
export async function inclusionsOf(
  host: HostRun,
  include: Include,
  ahead: () => readonly ReadRequest[],
): Promise<Inclusion[]> {
  return withFacts(host, ahead, () => {
    const scope = host.variables.scopeOf(include)
    const layers = iterationsOf(include, scope)?.map((iteration) => iteration.layer) ?? [undefined]
    return layers.flatMap((layer) => {
      const own = layer === undefined ? scope : scope.with(layer)
      if (!include.when.every((condition) => own.test(condition))) return []
      return [{ name: String(own.render(include.target)), layer }]
    })
  })
}

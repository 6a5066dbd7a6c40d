import { UserError } from '../../errors.ts'
import type { Include } from '../../playbook/playbook.ts'
import type { Layer } from '../../variables/layer.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from '../host/host-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import { withFacts } from '../task/facts-on-demand.ts'
import { iterationsOf } from '../task/iteration.ts'

/** What an include comes to on one host: a file or role, once for each item of its loop. */
export interface Inclusion {
  readonly name: string
  /** The variables of the loop. */
  readonly layer: Layer | undefined
}

/** Whether it is known already that the host does not go through an include. */
export function isLeftOut(host: HostRun, include: Include): boolean {
  try {
    const scope = host.variables.scopeOf(include)
    if (iterationsOf(include, scope) !== undefined) return false
    return include.when.some((condition) => !scope.test(condition.text, condition.at))
  } catch (error) {
    // It can't be told yet, or is wrong: at its turn it says so itself.
    if (error instanceof NotKnown || error instanceof UserError) return false
    throw error
  }
}

/** Renders the name of an include on a host; nothing where its condition does not hold. Throws UserError. */
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
      if (!include.when.every((condition) => own.test(condition.text, condition.at))) return []
      const { target } = include
      return [{ name: String(own.render(target.value, (path) => target.at(path))), layer }]
    })
  })
}

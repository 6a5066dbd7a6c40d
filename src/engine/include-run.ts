import type { Include } from '../playbook/playbook.ts'
import type { HostRun } from './host-run.ts'
import { withFacts } from './facts-on-demand.ts'
import type { Wish } from './reader.ts'

/** What an include comes to on one host: a file or role, once for each item of its loop. */
export interface Inclusion {
  readonly name: string
  readonly item: unknown
}

/** Renders the name of an include on a host; nothing where its condition does not hold. Throws UserError. */
export async function inclusionsOf(
  host: HostRun,
  include: Include,
  ahead: () => readonly Wish[],
): Promise<Inclusion[]> {
  return withFacts(host, ahead, () => {
    const scope = host.variables.scopeOf(include)
    const { loop, loopVariable, target, when } = include
    const items: unknown = loop === undefined ? [undefined] : scope.render(loop.value, (path) => loop.at(path))
    return (items as readonly unknown[]).flatMap((item) => {
      const own = loop === undefined ? scope : scope.with(itemLayer(loopVariable, item))
      if (!when.every((condition) => own.test(condition.text, condition.at))) return []
      return [{ name: String(own.render(target.value, (path) => target.at(path))), item }]
    })
  })
}

export function itemLayer(
  name: string,
  item: unknown,
): { origin: string; values: Map<string, unknown>; literal: true } {
  return { origin: 'loop', values: new Map([[name, item]]), literal: true }
}

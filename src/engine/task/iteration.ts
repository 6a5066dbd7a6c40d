import { InvalidInputError } from '../../errors.ts'
import type { Loop } from '../../playbook/playbook.ts'
import type { Layer } from '../../variables/layer.ts'
import type { Scope } from '../../variables/scope.ts'

export interface Iteration {
  readonly item: unknown
  readonly layer: Layer
}

/** Returns the iterations of a loop; undefined without a loop. */
export function iterationsOf(place: Loop, scope: Scope): Iteration[] | undefined {
  const { loop, loopVariable, indexVariable } = place
  if (loop === undefined) return undefined
  const rendered = scope.render(loop)
  if (!Array.isArray(rendered)) {
    const message = `the loop must be a list, not ${JSON.stringify(rendered)}`
    throw new InvalidInputError([{ at: loop.at([]), message }])
  }
  const items: unknown[] = place.loopFlattened === true ? rendered.flat() : rendered
  return items.map((item, index) => {
    const values = new Map([[loopVariable, item]])
    if (indexVariable !== undefined) values.set(indexVariable, index)
    return { item, layer: { origin: 'loop', values, literal: true } }
  })
}

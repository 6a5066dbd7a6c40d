import type { Include, Node, Task } from '../../playbook/playbook.ts'

/** The place in a play that is reached: what follows in this list, then what follows the list. */
export interface Upcoming {
  readonly rest: readonly Node[]
  readonly then?: Upcoming
}

export function upcomingOf(rest: readonly Node[], then: Upcoming | undefined): Upcoming {
  return then === undefined ? { rest } : { rest, then }
}

export function upcomingThrough(sections: readonly (readonly Node[])[]): Upcoming | undefined {
  return sections.reduceRight<Upcoming | undefined>((then, section) => upcomingOf(section, then), undefined)
}

/** The tasks that come next if nothing fails, in order. Includes whose name must be rendered are passed over. */
export function* tasksAhead(
  upcoming: Upcoming | undefined,
  isLeftOut?: (include: Include) => boolean,
): Generator<Task> {
  for (let place = upcoming; place !== undefined; place = place.then) {
    for (const node of place.rest) yield* tasksOf(node, isLeftOut)
  }
}

/** Every task in a node, in order; but those of includes that are left out. */
export function* tasksOf(node: Node, isLeftOut?: (include: Include) => boolean): Generator<Task> {
  switch (node.type) {
    case 'task':
      yield node
      return
    case 'block':
      for (const inner of [...node.block, ...node.always]) yield* tasksOf(inner, isLeftOut)
      return
    case 'include':
      if (isLeftOut?.(node) === true) return
      for (const inner of node.preloaded ?? []) yield* tasksOf(inner, isLeftOut)
  }
}

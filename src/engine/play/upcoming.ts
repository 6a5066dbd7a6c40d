import type { Include, Node, Task } from '../../playbook/playbook.ts'

/** The rest of a play: the nodes that follow in this list, then those after the list. */
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

/** Yields the next tasks in order, if nothing fails. Skips includes whose name must be rendered. */
export function* tasksAhead(
  upcoming: Upcoming | undefined,
  isLeftOut?: (include: Include) => boolean,
): Generator<Task> {
  for (let place = upcoming; place !== undefined; place = place.then) {
    for (const node of place.rest) yield* tasksOf(node, isLeftOut)
  }
}

/** Yields the tasks of a node in order, except those of includes that are left out. */
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

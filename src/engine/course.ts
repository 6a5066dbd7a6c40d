import type { Node, Task } from '../playbook/playbook.ts'

/** The place in a play that is reached: what follows in this list, then what follows the list. */
export interface Course {
  readonly rest: readonly Node[]
  readonly then?: Course
}

/** The tasks that come next if nothing fails, in order. Includes whose name must be rendered are passed over. */
export function* tasksAhead(course: Course | undefined): Generator<Task> {
  for (let place = course; place !== undefined; place = place.then) {
    for (const node of place.rest) yield* tasksOf(node)
  }
}

/** Every task in a node, in order. */
export function* tasksOf(node: Node): Generator<Task> {
  switch (node.type) {
    case 'task':
      yield node
      return
    case 'block':
      for (const inner of [...node.block, ...node.always]) yield* tasksOf(inner)
      return
    case 'include':
      for (const inner of node.preloaded ?? []) yield* tasksOf(inner)
  }
}

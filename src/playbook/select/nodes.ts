import type { Block, Include, Loop, Node, Task } from '../playbook.ts'

/** Yields every task, block and include, also inside includes whose content is known. */
export function* nodesIn(nodes: Iterable<Node>): Generator<Task | Block | Include> {
  for (const node of nodes) {
    yield node
    switch (node.type) {
      case 'task':
        break
      case 'block':
        yield* nodesIn([...node.block, ...node.rescue, ...node.always])
        break
      case 'include':
        yield* nodesIn(node.preloaded ?? [])
    }
  }
}

/** Returns true for an include whose content is unknown before the run. */
export function isUnforeseeable(node: Node): boolean {
  return node.type === 'include' && node.preloaded === undefined
}

/** Returns the variables that a loop sets for each of its items. */
export function loopNames({ loop, loopVariable, indexVariable }: Loop): ReadonlySet<string> {
  if (loop === undefined) return new Set()
  return new Set(indexVariable === undefined ? [loopVariable] : [loopVariable, indexVariable])
}

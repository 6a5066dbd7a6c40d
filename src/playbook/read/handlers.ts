import type { Diagnostics } from '../document/diagnostics.ts'
import type { Part } from '../document/part.ts'
import type { Handler, Node, Task } from '../playbook.ts'
import type { ReadContext } from './context.ts'
import { readNodes } from './tasks.ts'

/** Reads the handlers of a list, with those of blocks and imported files. */
export function readHandlers(part: Part | undefined, context: ReadContext): Handler[] {
  const nodes = readNodes(part, { ...context, forHandlers: true })
  return nodes.flatMap((node) => flatten(node, context.reading.diagnostics))
}

function flatten(node: Node, diagnostics: Diagnostics): Handler[] {
  switch (node.type) {
    case 'task':
      return [asHandler(node)]
    case 'block':
      if (node.rescue.length + node.always.length > 0)
        diagnostics.add(node.at, 'a block of handlers with rescue or always is not supported yet')
      return node.block.flatMap((inner) => flatten(inner, diagnostics))
    case 'include':
      diagnostics.add(node.at, 'a handler cannot include tasks: use import_tasks')
      return []
  }
}

// a task that was read with `forHandlers` already has its topics
function asHandler(task: Task | Handler): Handler {
  return { listen: [], ...task }
}

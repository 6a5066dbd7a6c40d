import type { AnyNode } from 'acorn'
import { full } from 'acorn-walk'

import type { Program } from './parse.ts'
import type { Edit } from './text-edits.ts'

/** Edits that let code end when it runs for too long. */
export interface TickEdits {
  /** To be made before other edits at the same place. */
  readonly opening: readonly Edit[]
  /** To be made after other edits at the same place. */
  readonly closing: readonly Edit[]
}

/** Inserts a call of the frame into every loop and function. Other code always ends. */
export function tickEdits(program: Program): TickEdits {
  const opening: Edit[] = []
  const closing: Edit[] = []
  const insert = (edits: Edit[], offset: number, text: string): void => {
    edits.push({ start: offset, end: offset, text })
  }
  full(program.root, (node) => {
    const body = bodyOf(node)
    if (body === undefined) return
    const [at, start, end] = [node.start, body.start, body.end].map((place) => program.offsetOf(place))
    if (at === undefined || start === undefined) return
    if (body.type === 'BlockStatement') {
      insert(opening, start + 1, `$.tick(${at});`)
      return
    }
    if (end === undefined) return
    const isExpression = node.type === 'ArrowFunctionExpression'
    insert(opening, start, isExpression ? `($.tick(${at}),` : `{$.tick(${at});`)
    insert(closing, end, isExpression ? ')' : '}')
  })
  return { opening, closing }
}

const repeated = [
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
] as const

type Repeated = Extract<AnyNode, { type: (typeof repeated)[number] }>

function bodyOf(node: AnyNode): AnyNode | undefined {
  return repeated.some((type) => type === node.type) ? (node as Repeated).body : undefined
}

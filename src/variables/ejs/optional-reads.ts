import type { AnyNode } from 'acorn'
import { full } from 'acorn-walk'

/**
 * Returns the reads that test for existence: the operand of `typeof`, the left side of `??`, a comparison with undefined.
 * For these, a missing variable or property is undefined, not an error.
 */
export function optionalReads(root: AnyNode): ReadonlySet<AnyNode> {
  const optional = new Set<AnyNode>()
  const markOptional = (node: AnyNode): void => {
    if (node.type === 'Identifier' || node.type === 'MemberExpression') optional.add(node)
    else if (node.type === 'ParenthesizedExpression' || node.type === 'ChainExpression')
      markOptional(node.expression)
    else if (node.type === 'LogicalExpression' && node.operator === '??') {
      markOptional(node.left)
      markOptional(node.right)
    }
  }
  full(root, (node) => {
    if (node.type === 'UnaryExpression' && node.operator === 'typeof') markOptional(node.argument)
    else if (node.type === 'LogicalExpression' && node.operator === '??') markOptional(node.left)
    else if (node.type === 'BinaryExpression') {
      if (asksForPresence(node.operator, node.right)) markOptional(node.left)
      if (asksForPresence(node.operator, node.left)) markOptional(node.right)
    }
  })
  return optional
}

function asksForPresence(operator: string, other: AnyNode): boolean {
  const isUndefined = other.type === 'Identifier' && other.name === 'undefined'
  const isNull = other.type === 'Literal' && other.raw === 'null'
  if (operator === '===' || operator === '!==') return isUndefined
  return (operator === '==' || operator === '!=') && (isUndefined || isNull)
}

import { isPlainObject } from '../plain.ts'
import { SyntaxProblem } from './syntax-problem.ts'
import { kindOf } from './undefined-path.ts'

const checkedOperators = ['in', '+', '==', '!=', '===', '!=='] as const

export type CheckedOperator = (typeof checkedOperators)[number]

/** Returns whether JavaScript accepts operands of this operator for which it returns a useless result. */
export function isCheckedOperator(operator: string): operator is CheckedOperator {
  return (checkedOperators as readonly string[]).includes(operator)
}

/**
 * Returns the result of JavaScript's operator. Throws SyntaxProblem at the offset for operands whose result would
 * surprise a user of another language: `in` looks for an index of a list, and `==` never compares the items of lists.
 */
export function operate(left: unknown, right: unknown, operator: CheckedOperator, offset: number): unknown {
  const problem = problemOf(left, right, operator)
  if (problem !== undefined) throw new SyntaxProblem(problem.message, offset, problem.hint)
  switch (operator) {
    case 'in':
      return (left as PropertyKey) in (right as object)
    case '+':
      // JavaScript adds other operands too, such as two numbers or a string and a boolean.
      return (left as string) + (right as string)
    case '==':
      return left == right
    case '!=':
      return left != right
    case '===':
      return left === right
    case '!==':
      return left !== right
  }
}

interface Problem {
  readonly message: string
  readonly hint: string
}

function problemOf(left: unknown, right: unknown, operator: CheckedOperator): Problem | undefined {
  switch (operator) {
    case 'in':
      return membershipProblem(right)
    case '+':
      return additionProblem(left, right)
    case '==':
    case '!=':
    case '===':
    case '!==':
      return comparisonProblem(left, right, operator)
  }
}

function membershipProblem(right: unknown): Problem | undefined {
  if (Array.isArray(right)) {
    return {
      message: "'in' looks for an index of a list, not for an item",
      hint: 'write list.includes(item)',
    }
  }
  if (typeof right === 'string')
    return { message: "'in' does not look into a string", hint: 'write text.includes(part)' }
  if (typeof right === 'object' && right !== null) return undefined
  return {
    message: `'in' needs a mapping on its right side, not ${kindOf(right)}`,
    hint: 'write key in mapping',
  }
}

function additionProblem(left: unknown, right: unknown): Problem | undefined {
  if (Array.isArray(left) || Array.isArray(right))
    return { message: "'+' does not join lists", hint: 'write [...one, ...other]' }
  if (isPlainObject(left) || isPlainObject(right))
    return { message: "'+' does not merge mappings", hint: 'write {...one, ...other}' }
  const types = [typeof left, typeof right]
  if (types.includes('string') && types.includes('number')) {
    return {
      message: "'+' has a string and a number",
      hint: 'write Number(text) + number to add, or text + String(number) to join',
    }
  }
  return undefined
}

function comparisonProblem(left: unknown, right: unknown, operator: CheckedOperator): Problem | undefined {
  const areLists = Array.isArray(left) && Array.isArray(right)
  if (!areLists && !(isPlainObject(left) && isPlainObject(right))) return undefined
  const things = areLists ? 'lists' : 'mappings'
  const plain = operator.startsWith('!') ? '!==' : '==='
  return {
    message: `'${operator}' does not compare the contents of ${things}`,
    hint: `write JSON.stringify(one) ${plain} JSON.stringify(other)`,
  }
}

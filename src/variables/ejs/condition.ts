import type { Position } from '../../errors.ts'
import { ExpressionError } from '../evaluation/expression-error.ts'
import { kindOf } from '../evaluation/undefined-path.ts'

/** Returns the value of a condition. Throws ExpressionError with a hint for any value but true and false. */
export function asCondition(value: unknown, expression: string, at: Position): boolean {
  if (typeof value === 'boolean') return value
  const text = expression.trim()
  throw new ExpressionError(
    `'${text}' must be true or false, not ${describeValue(value)}`,
    at,
    conditionHint(text, value),
  )
}

function describeValue(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? `the ${typeof value} ${JSON.stringify(value)}`
    : kindOf(value)
}

function conditionHint(expression: string, value: unknown): string {
  if (typeof value === 'string') {
    if (/^(true|false|yes|no)$/i.test(value)) return `write ${expression} === ${JSON.stringify(value)}`
    return `write ${expression} !== ''`
  }
  if (typeof value === 'number') return `write ${expression} !== 0`
  if (Array.isArray(value)) return `write ${expression}.length > 0`
  return `write ${expression} !== ${String(value === null ? null : undefined)}`
}

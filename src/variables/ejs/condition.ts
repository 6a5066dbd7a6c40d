import type { Position } from '../../errors.ts'
import { ExpressionError } from '../evaluation/expression-error.ts'
import { kindOf } from '../evaluation/undefined-path.ts'

/** The value of a condition, which is true or false: everything else is an error that says what to write. */
export function asCondition(value: unknown, expression: string, at: Position): boolean {
  if (typeof value === 'boolean') return value
  const text = expression.trim()
  throw new ExpressionError(
    `'${text}' must be true or false, it is ${describeValue(value)}`,
    at,
    conditionHint(text, value),
  )
}

function describeValue(value: unknown): string {
  const shown = typeof value === 'string' || typeof value === 'number' ? ` ${JSON.stringify(value)}` : ''
  return `${kindOf(value)}${shown}`
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

import type * as z from 'zod'

import { didYouMean } from '../../text/did-you-mean.ts'
import { describeValue } from './part.ts'

/** Returns the message for an issue, if the schema has none. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}, not ${describeValue(issue.input)}`
    case 'invalid_value':
      return describeChoice(issue.values.map(String), issue.input)
    case 'invalid_union':
      return describeUnion(issue.errors, issue.input)
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `expected at least ${issue.minimum} ${issue.origin === 'array' ? 'items' : 'characters'}`
        : `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `expected at most ${issue.maximum} ${issue.origin === 'array' ? 'items' : 'characters'}`
        : `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return undefined
  }
}

const typeNames: Partial<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
}

function describeChoice(choices: readonly string[], input: unknown): string {
  const hint = typeof input === 'string' ? didYouMean(input, choices) : undefined
  return `expected ${alternatives(choices)}, not ${describeValue(input)}${hint === undefined ? '' : `; ${hint}`}`
}

/** Returns a text like "a, b or c". */
export function alternatives(names: readonly string[]): string {
  const [last = '', ...others] = names.toReversed()
  return others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`
}

/** Returns the types that the alternatives expect, or the message of the alternative that matched furthest. */
function describeUnion(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  input: unknown,
): string | undefined {
  const types = branches.map(([first, ...more]) =>
    first?.code === 'invalid_type' && first.path.length === 0 && more.length === 0
      ? first.expected
      : undefined,
  )
  if (types.length > 0 && types.every((type) => type !== undefined)) {
    const names = [...new Set(types.map((type) => typeNames[type] ?? type))]
    return `expected ${alternatives(names)}, not ${describeValue(input)}`
  }
  const [deepest] = branches
    .flat()
    .filter((issue) => issue.code !== 'invalid_type' || issue.path.length > 0)
    .sort((one, other) => other.path.length - one.path.length)
  return deepest?.message
}

import { UsageError } from '../../errors.ts'

/** Whether a tag matches one of the patterns, as `git tag --list` reads them: `v*`, `v[0-9]*`, `release-?`. */
export function matchesTag(tag: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(tag))
}

const expressions = new Map<string, RegExp>()

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known !== undefined) return known
  const expression = compile(pattern)
  expressions.set(pattern, expression)
  return expression
}

/** One piece of a pattern: a set, an escaped character, or one character. */
const piece = /\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]|\\(.)|(.)/gsu

function compile(pattern: string): RegExp {
  const source = pattern.replaceAll(
    piece,
    (_: string, negation?: string, set?: string, escaped?: string, plain?: string) => {
      if (set !== undefined) return `[${negation === '' ? '' : '^'}${setSource(set)}]`
      if (escaped !== undefined) return literal(escaped)
      if (plain === '*') return '.*'
      if (plain === '?') return '.'
      if (plain === '[' || plain === '\\') throw notAPattern(pattern)
      return literal(plain ?? '')
    },
  )
  try {
    return new RegExp(`^${source}$`, 'su')
  } catch (error) {
    throw notAPattern(pattern, error)
  }
}

function setSource(set: string): string {
  return set.replaceAll(/\\(.)|([[\]^])/gsu, (_: string, escaped?: string, special?: string) =>
    literal(escaped ?? special ?? '', /[\\^[\]-]/),
  )
}

function literal(character: string, syntax = /[\\^$.*+?()[\]{}|/]/): string {
  return syntax.test(character) ? `\\${character}` : character
}

function notAPattern(pattern: string, cause?: unknown): UsageError {
  const error = new UsageError(
    `${JSON.stringify(pattern)} is not a pattern for tags`,
    'patterns are like v* and v[0-9]*, where * is any text, ? one character and [...] one of several',
  )
  error.cause = cause
  return error
}

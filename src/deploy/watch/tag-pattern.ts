import { UsageError } from '../../errors.ts'
import { globMatcher } from '../../text/glob.ts'

/** Checks a tag against patterns with the syntax of `git tag --list`: `v*`, `v[0-9]*`, `release-?`. */
export function matchesTag(tag: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matcherOf(pattern)(tag))
}

const matchers = new Map<string, (tag: string) => boolean>()

function matcherOf(pattern: string): (tag: string) => boolean {
  const matcher = matchers.get(pattern) ?? compile(pattern)
  matchers.set(pattern, matcher)
  return matcher
}

function compile(pattern: string): (tag: string) => boolean {
  try {
    return globMatcher(pattern, 'git')
  } catch (error) {
    throw notAPattern(pattern, error)
  }
}

function notAPattern(pattern: string, cause: unknown): UsageError {
  const error = new UsageError(
    `invalid tag pattern ${JSON.stringify(pattern)}`,
    'give a pattern such as v* or v[0-9]*: * matches any string, ? one character, [...] one of several characters',
  )
  error.cause = cause
  return error
}

import { UsageError } from '../../errors.ts'
import { globMatcher } from '../../text/glob.ts'

/** Whether a tag matches one of the patterns, as `git tag --list` reads them: `v*`, `v[0-9]*`, `release-?`. */
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
    `${JSON.stringify(pattern)} is not a pattern for tags`,
    'patterns are like v* and v[0-9]*, where * is any text, ? one character and [...] one of several',
  )
  error.cause = cause
  return error
}

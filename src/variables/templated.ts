import type { Position } from '../errors.ts'
import { escapeRegExp } from '../text/escape-regexp.ts'
import type { Dialect } from './dialect.ts'

/** A value whose strings may contain tags of a dialect. */
export interface Templated {
  readonly value: unknown
  readonly dialect: Dialect
  /** Returns the position of a part of the value, or of the nearest enclosing part. */
  at(path: readonly (string | number)[]): Position
}

/** A bare expression. */
export interface Expression {
  readonly text: string
  readonly dialect: Dialect
  readonly at: Position
}

/** Returns a pattern that matches every text that a string with tags can render to. */
export function textPattern(text: string, dialect: Dialect): RegExp {
  const literal = text.split(dialect.tag).map(escapeRegExp)
  return new RegExp(`^${literal.join('[^]*')}$`)
}

import type { Position } from '../errors.ts'
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

import type { Frame } from './frame.ts'

/** A variable that an expression reads. */
export interface Read {
  /** The name, and the keys after it as far as they are literal: ['site', 'database', 'name']. */
  readonly path: readonly string[]
  readonly offset: number
  /** True if the expression handles a missing variable, for example with a default. */
  readonly optional: boolean
}

/** An expression or template that can be evaluated any number of times. */
export interface Compiled {
  readonly reads: readonly Read[]
  /** True if the result depends only on the variables. */
  readonly isRepeatable: boolean
  evaluate(frame: Frame): unknown
}

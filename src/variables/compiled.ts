import type { Read } from './ejs/rewrite.ts'
import type { Frame } from './frame.ts'

/** An expression or template ready to be evaluated any number of times. */
export interface Compiled {
  readonly reads: readonly Read[]
  /** With the same variables it always comes to the same. */
  readonly isRepeatable: boolean
  evaluate(frame: Frame): unknown
}

import type { Failure } from './failure.ts'
import type { VisitorKind } from './settings.ts'

/** One request from its start to its end. Times are milliseconds since the start of the load. */
export interface Sample {
  readonly kind: VisitorKind
  /** The time when it was sent, or should have been sent. */
  readonly began: number
  readonly ended: number
  /** The release that answered, if the answer was correct. */
  readonly release?: string
  readonly failure?: Failure
}

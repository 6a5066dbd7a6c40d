import type { Failure } from './failure.ts'
import type { VisitorKind } from './settings.ts'

/** One request from its beginning to its end. Times are milliseconds since the load began. */
export interface Sample {
  readonly kind: VisitorKind
  /** When it was sent, or when it should have been. */
  readonly began: number
  readonly ended: number
  /** Which release answered, when nothing was wrong with the answer. */
  readonly release?: string
  readonly failure?: Failure
}

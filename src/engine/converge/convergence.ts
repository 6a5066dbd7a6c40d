import type { TaskFailure } from '../../errors.ts'
import type { Change } from '../../modules/definition/change.ts'
import type { Outcome } from '../../target/target.ts'

/** The end of a task on one machine. */
export type Convergence =
  | {
      readonly type: 'done'
      /** False for a module that only observes. */
      readonly changed: boolean
      readonly changes: readonly Change[]
      readonly effects: readonly string[]
      readonly result: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'unknown'; readonly until: string }
  | {
      readonly type: 'failed'
      readonly changed: boolean
      readonly changes: readonly Change[]
      readonly step: 'validate' | 'apply'
      /** The command that failed, as a user would type it, or the script. */
      readonly command: string
      readonly outcome: Outcome
      /** The module's explanation of the failure, if it has one. */
      readonly meaning?: TaskFailure
      readonly result: Readonly<Record<string, unknown>>
    }

import type { PathQuestion } from './value.ts'

/** A path as it was found, before anything is known of what is there. */
export interface SeenPath {
  readonly question: PathQuestion
  /** The symlinks among its directories. */
  readonly hops: readonly string[]
  readonly type: string
  readonly real: string
  readonly target?: string
  /** Of a symlink that was followed. */
  readonly end?: {
    readonly hops: readonly string[]
    readonly exists: boolean
    readonly real: string | undefined
  }
}

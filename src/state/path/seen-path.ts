import type { PathQuestion } from './value.ts'

/** The first part of the answer about a path, before its attributes. */
export interface SeenPath {
  readonly question: PathQuestion
  /** The symlinks among its directories. */
  readonly hops: readonly string[]
  readonly type: string
  readonly real: string
  readonly target?: string
  /** The end of a symlink that was followed. */
  readonly end?: {
    readonly hops: readonly string[]
    readonly exists: boolean
    readonly real: string | undefined
  }
}

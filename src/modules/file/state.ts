import type { EmptinessState } from '../../state/directory-empty.ts'
import type { TreeState } from '../../state/directory-types.ts'
import type { PathState } from '../../state/path/value.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import type { Accounts, Ownership } from '../placement/ownership.ts'

export interface FileParams extends Ownership {
  readonly path: string
  readonly state?: 'file' | 'directory' | 'link' | 'hard' | 'touch' | 'absent' | undefined
  readonly src?: string | undefined
  readonly recurse: boolean
  readonly force: boolean
  readonly follow: boolean
  readonly access_time: 'preserve' | 'now'
  readonly modification_time: 'preserve' | 'now'
}

export interface FileState extends Accounts {
  readonly path: PathState
  /** The state of the target `src`. */
  readonly source: PathState | undefined
  /** The directories that must exist or are created, from the root down, with symlinks followed. */
  readonly parents: readonly PathState[]
  readonly tree: TreeState | undefined
  /** The emptiness of a directory that a link replaces. */
  readonly inside: EmptinessState | undefined
}

/** The implementation of one state of the file module. */
export interface FileForm {
  diff(state: FileState, params: FileParams): Change[]
  apply(changes: readonly Change[], params: FileParams, state: FileState): Step[]
}

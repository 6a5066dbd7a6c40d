import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import { endOf, type PathState } from '../../state/path/value.ts'
import type { FileParams, FileState } from './state.ts'

/** Returns the path to change, or the target of a followed symlink, without symlinks in its directories. */
export function realPath({ path, follow }: FileParams, state: FileState): string {
  const meant = follow ? endOf(state.path) : state.path
  return meant.real ?? path
}

/** Returns true if a symlink itself is changed and not its target. */
export function linkItself({ follow }: FileParams, { path }: FileState): boolean {
  const meant = follow ? endOf(path) : path
  return meant.exists && meant.type === 'link'
}

export function demandParent(path: string, parents: readonly PathState[]): void {
  const parent = parents.at(-1)
  if (parent === undefined) return
  const end = endOf(parent)
  if (!end.exists)
    throw new TaskFailure(`the directory ${dirname(path)} does not exist`, {
      hint: 'create it with a file task with state: directory before this one',
    })
  if (end.type !== 'directory' && end.type !== 'link')
    throw new TaskFailure(`${dirname(path)} is a ${end.type}, not a directory`)
}

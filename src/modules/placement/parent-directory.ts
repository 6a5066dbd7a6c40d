import { path } from '../../state/path.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { makeDirectory } from './make-directory.ts'
import { type Accounts, chownArgument, modeAfter, type Ownership, ownershipAfter } from './ownership.ts'

const absent = { exists: false } as const

/** Returns the change for a directory that must be created for a file. */
export function describeDirectory(directory: string): Change {
  return { field: 'directory', before: null, after: directory }
}

/** Returns the step that creates a directory and its parents. `place` is its path without symlinks. */
export function directoryStep(
  directory: string,
  place: string,
  ownership: Ownership,
  accounts: Accounts,
): Step {
  const mode = modeAfter(absent, ownership, true)
  return {
    script: makeDirectory(place, chownArgument(absent, ownership), mode),
    writes: [
      path.write(
        { path: directory },
        { exists: true, type: 'directory', mode, ...ownershipAfter(absent, ownership, accounts) },
      ),
    ],
  }
}

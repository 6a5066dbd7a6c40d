import { path } from '../state/path.ts'
import { sh } from '../target/sh.ts'
import type { Change, Step } from './module.ts'
import { type Accounts, chownArgument, modeAfter, type Ownership, ownershipAfter } from './ownership.ts'

const absent = { exists: false } as const

/** That a directory is missing for a file that shall be in it. */
export function describeDirectory(directory: string): Change {
  return { field: 'directory', before: null, after: directory }
}

/** Makes it, with those above it. */
export function makeDirectory(directory: string, ownership: Ownership, accounts: Accounts): Step {
  const owner = chownArgument(absent, ownership)
  const mode = modeAfter(absent, ownership, true)
  return {
    script: sh`
      mkdir -p ${directory}
      ${owner === undefined ? sh`:` : sh`chown ${owner} ${directory}`}
      chmod ${`0${mode}`} ${directory}
    `,
    writes: [
      path.write(
        { path: directory },
        { exists: true, type: 'directory', mode, ...ownershipAfter(absent, ownership, accounts) },
      ),
    ],
  }
}

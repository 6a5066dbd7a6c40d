import { path } from '../state/path.ts'
import { sh } from '../target/sh.ts'
import { type Destination, type DestinationState, missingDirectory, placeOf } from './file-destination.ts'
import { fileChanges, fileSteps, placeState, type WantedFile } from './file-content.ts'
import { backupOf } from './file-replacement.ts'
import type { Change, Step, StepOutput } from './module.ts'
import { type Accounts, chownArgument, modeAfter, ownershipAfter } from './ownership.ts'

/** A file that is put at a destination. */
export interface PlacedFile extends WantedFile {
  /** Also when something is there already. */
  readonly force: boolean
  /** Of a directory that has to be made for it. */
  readonly directoryMode?: string | undefined
}

type State = DestinationState & Accounts

const absent = { exists: false } as const

export function placeFileChanges(destination: Destination, wanted: PlacedFile, state: State): Change[] {
  const place = placeOf(destination, state)
  if (!wanted.force && placeState(place).exists) return []
  const directory = missingDirectory(destination, state)
  return [
    ...(directory === undefined ? [] : [{ field: 'directory', before: null, after: directory }]),
    ...fileChanges(place, wanted, state),
  ]
}

export function placeFile(
  changes: readonly Change[],
  destination: Destination,
  wanted: PlacedFile,
  state: State,
): Step[] {
  const directory = missingDirectory(destination, state)
  return [
    ...(directory === undefined || changes.length === 0 ? [] : [makeDirectory(directory, wanted, state)]),
    ...fileSteps(changes, placeOf(destination, state), wanted, state),
  ]
}

/** What a task that places a file registers. */
export function placedFile(
  destination: Destination,
  state: State,
  outputs: readonly StepOutput[],
): Record<string, unknown> {
  const place = placeOf(destination, state)
  const file = placeState(place)
  const backup = outputs.map(({ stdout }) => backupOf(stdout)).find((one) => one !== undefined)
  const { owner, group, mode, size, uid, gid, sha256 } = file.exists ? file : { mode: null }
  return {
    ...{ dest: place.path, state: 'file', owner, group, mode, size, uid, gid, checksum: sha256 },
    ...(backup === undefined ? {} : { backup_file: backup }),
  }
}

function makeDirectory(directory: string, wanted: PlacedFile, accounts: Accounts): Step {
  const ownership = { owner: wanted.owner, group: wanted.group, mode: wanted.directoryMode }
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

import type { Change } from '../definition/change.ts'
import type { Step, StepOutput } from '../definition/module.ts'
import type { Accounts, Ownership } from '../placement/ownership.ts'
import { describeDirectory, directoryStep } from '../placement/parent-directory.ts'
import { backupOf } from '../placement/replacement.ts'
import { fileChanges, fileSteps, placeState, type WantedFile } from '../placement/wanted-file.ts'
import { type Destination, type DestinationState, missingDirectory, placeOf } from './destination.ts'

/** A file to put at a destination. */
export interface PlacedFile extends WantedFile {
  /** True if an existing file is replaced. */
  readonly force: boolean
  /** The mode of a directory that must be created for it. */
  readonly directoryMode?: string | undefined
}

type State = DestinationState & Accounts

export function placeFileChanges(destination: Destination, wanted: PlacedFile, state: State): Change[] {
  const place = placeOf(destination, state)
  if (!wanted.force && placeState(place).exists) return []
  const directory = missingDirectory(destination, state)
  return [
    ...(directory === undefined ? [] : [describeDirectory(directory)]),
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
    ...(directory === undefined || changes.length === 0
      ? []
      : [directoryStep(directory, state.dest.real ?? directory, directoryOwnership(wanted), state)]),
    ...fileSteps(changes, placeOf(destination, state), wanted, state),
  ]
}

/** Returns the registered fields of a task that places a file. */
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

function directoryOwnership({ owner, group, directoryMode }: PlacedFile): Ownership {
  return { owner, group, mode: directoryMode }
}

import { isUtf8 } from 'node:buffer'
import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import type { Key } from '../../state/definition/key.ts'
import { path } from '../../state/path.ts'
import { endOf, type PathState } from '../../state/path/value.ts'
import type { Change } from '../definition/change.ts'
import type { Step, StepOutput } from '../definition/module.ts'
import { accountKeys, type Accounts, type Ownership } from '../placement/ownership.ts'
import { describeDirectory, directoryStep } from '../placement/parent-directory.ts'
import { demandRegularFile } from '../placement/regular-file.ts'
import { backupOf } from '../placement/replacement.ts'
import { demandTrustedLinks } from '../placement/untrusted-link.ts'
import { fileChanges, fileSteps, type Place, placeState } from '../placement/wanted-file.ts'

/** A task that changes a part of a text file. */
export interface TextFile extends Ownership {
  readonly path: string
  /** The state; with `absent`, a missing file is as wanted. */
  readonly state?: 'present' | 'absent'
  /** True if a missing file and its directory are created. */
  readonly create: boolean
  readonly follow: boolean
  readonly backup: boolean
  readonly validate?: string | undefined
}

export interface TextFileState extends Accounts {
  readonly file: PathState
  readonly directory: PathState
}

export type Edit<Params> = (text: string, params: Params) => string

export function textFileKeys(params: TextFile): {
  file: Key<PathState>
  directory: Key<PathState>
} & ReturnType<typeof accountKeys> {
  return {
    file: path.key({ path: params.path, follow: true, content: 'always' }),
    directory: path.key({ path: dirname(params.path), follow: true }),
    ...accountKeys(params),
  }
}

export function textFileChanges<Params extends TextFile>(
  state: TextFileState,
  params: Params,
  edit: Edit<Params>,
): Change[] {
  const place = placeOf(state, params)
  demandTrustedLinks(place.path, placeState(place))
  const before = contentBefore(place)
  if (before === undefined && params.state === 'absent') return []
  if (before === undefined && !params.create)
    throw new TaskFailure(`${params.path} does not exist`, { hint: 'use create: true to create it' })
  const content = contentAfter(before, params, edit)
  return [
    ...(place.directory === undefined ? [describeDirectory(dirname(params.path))] : []),
    ...fileChanges(place, { ...params, content }, state),
  ]
}

export function textFileSteps<Params extends TextFile>(
  changes: readonly Change[],
  state: TextFileState,
  params: Params,
  edit: Edit<Params>,
): Step[] {
  const place = placeOf(state, params)
  const content = contentAfter(contentBefore(place), params, edit)
  return [
    ...(place.directory === undefined
      ? [directoryStep(dirname(params.path), dirname(state.file.real ?? params.path), {}, state)]
      : []),
    ...fileSteps(changes, place, { ...params, content, edits: true }, state),
  ]
}

export function textFileResult({ path }: TextFile, outputs: readonly StepOutput[]): Record<string, unknown> {
  const backup = outputs.map(({ stdout }) => backupOf(stdout)).find((one) => one !== undefined)
  return { path, ...(backup === undefined ? {} : { backup, backup_file: backup }) }
}

function placeOf(state: TextFileState, { path, follow, create }: TextFile): Place {
  const makes = create && !state.file.exists && !endOf(state.directory).exists
  return { path, state: state.file, follow, directory: makes ? undefined : state.directory }
}

/** Returns undefined if there is no file. */
function contentBefore(place: Place): Buffer | undefined {
  const state = endOf(place.state)
  if (!state.exists) {
    if (state.denied === true)
      throw new TaskFailure(`${place.path} cannot be read: permission denied`, {
        hint: 'set become: true',
      })
    return undefined
  }
  demandRegularFile(place.path, state)
  if (state.content === undefined)
    throw new TaskFailure(`${place.path} cannot be edited: it cannot be read, or is larger than 5 MB`)
  return state.content
}

/** Keeps bytes that are not valid UTF-8: the text and the parameters are then edited byte by byte. */
function contentAfter<Params>(before: Buffer | undefined, params: Params, edit: Edit<Params>): Buffer {
  const bytes = before ?? Buffer.alloc(0)
  if (isUtf8(bytes)) return Buffer.from(edit(bytes.toString(), params))
  return Buffer.from(edit(bytes.toString('latin1'), byteByByte(params)), 'latin1')
}

function byteByByte<Value>(value: Value): Value {
  if (typeof value === 'string') return Buffer.from(value).toString('latin1') as Value
  if (Array.isArray(value)) return value.map(byteByByte) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, byteByByte(one)])) as Value
}

import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import type { ThingWrite } from '../../state/definition/write.ts'
import { path } from '../../state/path.ts'
import { endOf, type ExistingPath, type PathState } from '../../state/path/value.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { carried, type Content, contentValue, describeContent, fileFields, isHostFile } from './bytes.ts'
import { changeEntry } from './entries.ts'
import {
  type Accounts,
  chownArgument,
  demandAccounts,
  modeAfter,
  newOwnershipChanges,
  type Ownership,
  ownershipAfter,
  ownershipChanges,
  ownershipScripts,
} from './ownership.ts'
import { pathWrites } from './path-writes.ts'
import { replaceFile } from './replacement.ts'
import { demandTrustedLinks } from './untrusted-link.ts'
import { type Candidate, validation } from './validation.ts'

/** A place for a file, with its current state. */
export interface Place {
  readonly path: string
  readonly state: PathState
  /** True if the target of a symlink is changed and not the symlink. */
  readonly follow: boolean
  /** The directory, with symlinks followed; undefined if the step creates it. */
  readonly directory: PathState | undefined
}

export interface WantedFile extends Ownership {
  readonly content: Content
  /** True if the content was made from the current one. */
  readonly edits?: true
  readonly backup?: boolean
  readonly validate?: string | undefined
}

/** Compares the file at a place with the wanted file. */
export function fileChanges(place: Place, wanted: WantedFile, accounts: Accounts): Change[] {
  const state = placeState(place)
  demandPossible(place, state)
  demandTrustedLinks(place.path, state)
  if (isHostFile(wanted.content)) demandTrustedLinks(wanted.content.path, wanted.content.state)
  demandAccounts(wanted, accounts)
  if (!state.exists || state.type === 'link')
    return [
      { field: 'state', before: state.exists ? 'link' : 'absent', after: 'file' },
      { field: 'content', path: place.path, before: null, after: describeContent(wanted.content) },
      ...newOwnershipChanges(wanted, false),
    ]
  const after = describeContent(wanted.content)
  const content = { field: 'content', path: place.path, before: contentValue(state), after }
  return [
    ...(state.sha256 === fileFields(wanted.content).sha256 ? [] : [content]),
    ...ownershipChanges(state, wanted),
  ]
}

/** Returns the step that makes these changes. */
export function fileSteps(
  changes: readonly Change[],
  place: Place,
  wanted: WantedFile,
  accounts: Accounts,
): Step[] {
  if (changes.length === 0) return []
  const state = placeState(place)
  const target = targetOf(place)
  const mode = modeAfter(currentFile(state), wanted, false)
  const owner = chownArgument(currentFile(state), wanted)
  const writes = fileWrites(place, wanted, accounts)
  if (!changes.some(({ field }) => field === 'content'))
    return [{ script: changeEntry(target, 'file', ownershipScripts(changes, wanted)), swaps: true, writes }]
  const content = carried(wanted.content, target)
  const candidate: Candidate | undefined =
    wanted.validate === undefined
      ? undefined
      : { path: target, content, mode, owner, command: wanted.validate }
  const script = replaceFile({
    path: target,
    content,
    mode,
    owner,
    seen: state,
    edits: wanted.edits === true,
    backup: wanted.backup === true,
    candidate,
  })
  return [
    { script, writes, swaps: true, ...(candidate === undefined ? {} : { validate: validation(candidate) }) },
  ]
}

/** Returns the state of the file to change: a symlink's target if it is followed and known. */
export function placeState(place: Place): PathState {
  return place.follow ? endOf(place.state) : place.state
}

function demandPossible(place: Place, state: PathState): void {
  if (!state.exists && state.denied === true)
    throw new TaskFailure(`${place.path} cannot be read: permission denied`, {
      hint: 'set become: true',
    })
  if (state.exists && state.type !== 'file' && state.type !== 'link')
    throw new TaskFailure(`${place.path} is a ${state.type}, not a file`)
  if (place.directory === undefined) return
  const directory = endOf(place.directory)
  if (!directory.exists)
    throw new TaskFailure(`the directory ${dirname(place.path)} does not exist`, {
      hint: 'create it with a file task with state: directory before this one',
    })
  if (directory.type !== 'directory' && directory.type !== 'link')
    throw new TaskFailure(`${dirname(place.path)} is a ${directory.type}, not a directory`)
}

/** Returns the current file, whose owner and mode are kept. Those of a replaced symlink are not. */
function currentFile(state: PathState): PathState {
  return state.exists && state.type === 'file' ? state : { exists: false }
}

/** Returns the path to write: the target of a followed symlink, without symlinks in its directories. */
function targetOf(place: Place): string {
  return placeState(place).real ?? place.path
}

function fileWrites(place: Place, wanted: WantedFile, accounts: Accounts): ThingWrite[] {
  const state = placeState(place)
  const value: ExistingPath = {
    exists: true,
    type: 'file',
    mode: modeAfter(currentFile(state), wanted, false),
    ...ownershipAfter(currentFile(state), wanted, accounts),
    links: 1,
    ...fileFields(wanted.content),
    ...(state.real === undefined ? {} : { real: state.real }),
  }
  // the content of a file that was copied on the host is unknown until it is read
  return isHostFile(wanted.content) ? [path.write({ path: place.path })] : pathWrites(place, value)
}

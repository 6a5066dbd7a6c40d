import { TaskFailure } from '../../errors.ts'
import { endOf, type ExistingPath } from '../../state/path/value.ts'
import { attach, sh, type Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { fileFields } from '../placement/bytes.ts'
import { changeEntry } from '../placement/entries.ts'
import {
  chownArgument,
  demandAccounts,
  modeAfter,
  newOwnershipChanges,
  ownershipAfter,
  ownershipChanges,
  ownershipScripts,
} from '../placement/ownership.ts'
import { pathWrites } from '../placement/path-writes.ts'
import { replaceFile } from '../placement/replacement.ts'
import { demandTrustedLinks } from '../placement/untrusted-link.ts'
import { demandParent, linkItself, realPath } from './paths.ts'
import type { FileForm, FileParams, FileState } from './state.ts'

const absent = { exists: false } as const
const empty = Buffer.alloc(0)

/** The state `file`, or no state: sets owner, group and mode of an existing path, and creates nothing. */
export const existing: FileForm = {
  diff(state, params) {
    const now = demandExisting(state, params)
    if (params.state === 'file' && now.type !== 'file' && now.type !== 'link')
      throw new TaskFailure(`${params.path} is a ${now.type}, not a file`)
    demandAccounts(params, state)
    return ownershipChanges(now, params)
  },
  apply: (changes, params, state) => [ownershipStep(changes, params, state)],
}

/** The state `touch`: creates an empty file, or sets the times of an existing path unless the task preserves them. */
export const touched: FileForm = {
  diff(state, params) {
    demandAccounts(params, state)
    const now = params.follow ? endOf(state.path) : state.path
    demandTrustedLinks(params.path, now)
    if (now.exists) return [...ownershipChanges(now, params), ...timeChanges(params)]
    demandParent(params.path, state.parents)
    return [{ field: 'state', before: 'absent', after: 'file' }, ...newOwnershipChanges(params, false)]
  },
  apply(changes, params, state) {
    const now = params.follow ? endOf(state.path) : state.path
    if (!now.exists) return [makeEmptyFile(params, state)]
    return [ownershipStep(changes, params, state)]
  },
}

/** Returns the step that changes owner, group and mode of an existing path. */
export function ownershipStep(changes: readonly Change[], params: FileParams, state: FileState): Step {
  const now = demandExisting(state, params)
  const link = linkItself(params, state)
  const mode = changes.find(({ field }) => field === 'mode')?.after
  const value: ExistingPath = {
    ...now,
    ...ownershipAfter(now, params, state),
    ...(typeof mode === 'string' ? { mode } : {}),
  }
  return {
    script: changeEntry(realPath(params, state), now.type, [
      ...ownershipScripts(changes, params, link),
      ...touchTimes(changes),
    ]),
    swaps: true,
    writes: pathWrites({ path: params.path, state: state.path, follow: params.follow }, value),
  }
}

function demandExisting(state: FileState, { path, follow }: FileParams): ExistingPath {
  const now = follow ? endOf(state.path) : state.path
  demandTrustedLinks(path, now)
  if (now.exists) return now
  if (now.denied === true)
    throw new TaskFailure(`${path} cannot be read: permission denied`, { hint: 'set become: true' })
  throw new TaskFailure(`${path} does not exist`, {
    hint: 'create it with state: directory, touch or link',
  })
}

function timeChanges(params: FileParams): Change[] {
  return (['access_time', 'modification_time'] as const)
    .filter((field) => params[field] === 'now')
    .map((field) => ({ field, before: null, after: 'now', transient: true }))
}

function touchTimes(changes: readonly Change[]): Script[] {
  return changes.flatMap(({ field }) => {
    if (field === 'access_time') return [sh`touch -c -h -a "$entry"`]
    return field === 'modification_time' ? [sh`touch -c -h -m "$entry"`] : []
  })
}

function makeEmptyFile(params: FileParams, state: FileState): Step {
  const target = realPath(params, state)
  const mode = modeAfter(absent, params, false)
  const real = params.follow ? endOf(state.path).real : state.path.real
  const value: ExistingPath = {
    ...{ exists: true, type: 'file', mode, links: 1, ...fileFields(empty) },
    ...ownershipAfter(absent, params, state),
    ...(real === undefined ? {} : { real }),
  }
  return {
    script: replaceFile({
      path: target,
      content: attach('empty', empty),
      mode,
      owner: chownArgument(absent, params),
      seen: absent,
      edits: false,
      backup: false,
      candidate: undefined,
    }),
    swaps: true,
    writes: pathWrites({ path: params.path, state: state.path, follow: params.follow }, value),
  }
}

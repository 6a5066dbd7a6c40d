import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import { path } from '../../state/path.ts'
import { endOf, type ExistingPath, type PathState } from '../../state/path/value.ts'
import { joinScripts } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import { resolveMode } from '../definition/mode.ts'
import type { Step } from '../definition/module.ts'
import { makeDirectory } from '../placement/make-directory.ts'
import {
  chownArgument,
  demandAccounts,
  ownershipAfter,
  ownershipChanges,
  type Ownership,
} from '../placement/ownership.ts'
import { pathWrites } from '../placement/path-writes.ts'
import { demandTrustedSymlinks } from '../placement/untrusted-link.ts'
import { ownershipStep } from './attributes.ts'
import { realPath } from './paths.ts'
import type { FileForm, FileParams, FileState } from './state.ts'
import { treeChanges, treeScripts, treeWrites } from './tree-ownership.ts'

const absent = { exists: false } as const

/** The state `directory`. Missing parents are created with the same owner, group and mode. */
export const directoryForm: FileForm = {
  diff(state, params) {
    demandAccounts(params, state)
    const now = endOf(state.path)
    demandTrustedSymlinks(params.path, now)
    if (now.exists && now.type === 'directory')
      return [...ownershipChanges(now, params), ...treeChanges(state.tree, params, now)]
    if (state.path.exists) throw new TaskFailure(`${params.path} is a ${state.path.type}, not a directory`)
    for (const parent of state.parents) demandDirectory(params.path, parent)
    return [
      ...missingParents(params, state).map((parent) => ({ field: 'parent', before: null, after: parent })),
      { field: 'state', before: 'absent', after: 'directory' },
      ...namedChanges(params, state),
    ]
  },
  apply(changes, params, state) {
    if (!endOf(state.path).exists) return [makeStep(params, state)]
    const own = changes.filter(({ field }) => ['owner', 'group', 'mode'].includes(field))
    const step = ownershipStep(own, params, state)
    const root = realPath(params, state)
    const below = treeScripts(changes, root, params, state.tree)
    if (below.length === 0) return [step]
    const writes = [...step.writes, ...treeWrites(root, params, state)]
    return [{ script: joinScripts([step.script, ...below]), writes }]
  },
}

function makeStep(params: FileParams, state: FileState): Step {
  const mode = modeOfNew(params, state)
  const parents = missingParents(params, state)
  return {
    script: makeDirectory(
      state.path.real ?? params.path,
      chownArgument(absent, params),
      params.mode === undefined ? undefined : mode,
      'same',
    ),
    writes: [
      ...parents.map((parent) => path.write({ path: parent }, newDirectory(mode, params, state))),
      ...pathWrites(
        { path: params.path, state: state.path, follow: true },
        {
          ...newDirectory(mode, params, state),
          ...(state.path.real === undefined ? {} : { real: state.path.real }),
        },
      ),
    ],
  }
}

function newDirectory(mode: string, wanted: Ownership, state: FileState): ExistingPath {
  return { exists: true, type: 'directory', mode, ...ownershipAfter(absent, wanted, state) }
}

function namedChanges(params: FileParams, state: FileState): Change[] {
  return [
    ...(params.owner === undefined ? [] : [{ field: 'owner', before: null, after: params.owner }]),
    ...(params.group === undefined ? [] : [{ field: 'group', before: null, after: params.group }]),
    ...(params.mode === undefined ? [] : [{ field: 'mode', before: null, after: modeOfNew(params, state) }]),
  ]
}

function modeOfNew({ mode }: FileParams, state: FileState): string {
  const made = `${setGroupId(state)}755`
  return mode === undefined ? made : resolveMode(mode, made, true)
}

/** Returns the first digit of the mode of a new directory, which inherits the set-group-ID bit of its parent. */
function setGroupId({ parents }: FileState): '0' | '2' {
  const present = parents.map(endOf).filter((parent) => parent.exists)
  const mode = parseInt(present.at(-1)?.mode ?? '0755', 8)
  return (mode & 0o2000) === 0 ? '0' : '2'
}

function missingParents({ path: of }: FileParams, { parents }: FileState): string[] {
  let directory = dirname(of)
  return parents
    .toReversed()
    .map((parent) => {
      const name = directory
      directory = dirname(directory)
      return parent.exists ? undefined : name
    })
    .filter((name) => name !== undefined)
    .toReversed()
}

function demandDirectory(of: string, parent: PathState): void {
  const end = endOf(parent)
  if (end.exists && end.type !== 'directory' && end.type !== 'link')
    throw new TaskFailure(
      `${of} cannot be created: ${parent.real ?? 'a path above'} is a ${end.type}, not a directory`,
    )
  if (!end.exists && end.denied === true)
    throw new TaskFailure(`${of} cannot be read: permission denied`, { hint: 'set become: true' })
}

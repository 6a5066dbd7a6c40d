import { dirname } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import { endOf, type ExistingPath, type PathState } from '../../state/path/value.ts'
import { staleReading } from '../../state/swap/stale-reading.ts'
import { joinScripts, sh, type Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { compareEntry } from '../placement/comparison.ts'
import { changeEntry } from '../placement/entries.ts'
import {
  chownArgument,
  demandAccounts,
  newOwnershipChanges,
  ownershipAfter,
  ownershipChanges,
  ownershipScripts,
} from '../placement/ownership.ts'
import { pathWrites } from '../placement/path-writes.ts'
import { inPrivateDirectory, outside } from '../placement/private-directory.ts'
import { demandTrustedLinks, demandTrustedSymlinks } from '../placement/untrusted-link.ts'
import { demandParent } from './paths.ts'
import type { FileForm, FileParams, FileState } from './state.ts'

const absent: PathState = { exists: false }

/** The state `link`: a symlink, with its own owner and group. */
export const symbolicLink: FileForm = {
  diff(state, params) {
    demandAccounts(params, state)
    const now = state.path
    demandTrustedSymlinks(params.path, now)
    const target = targetOf(state, params)
    if (now.exists && now.type === 'link' && now.target === target) return ownershipChanges(now, params)
    if (state.source !== undefined && !endOf(state.source).exists && !params.force)
      throw new TaskFailure(`${params.path} would point to ${target}, which does not exist`, {
        hint: 'use force: true to create a dangling symlink',
      })
    return replacement(state, params, [{ field: 'target', before: linkTarget(now), after: target }])
  },
  apply(changes, params, state) {
    const target = targetOf(state, params)
    const value: ExistingPath = {
      ...{ exists: true, type: 'link', mode: '0777', target },
      ...(state.source === undefined ? {} : { followed: endOf(state.source) }),
      ...ownershipAfter(changes.some(isNew) ? absent : state.path, params, state),
      ...(state.path.real === undefined ? {} : { real: state.path.real }),
    }
    const script = changes.some(isNew)
      ? putInPlace(params, state.path, [
          sh`ln -s -- ${target} link`,
          ...ownLink(chownArgument(absent, params)),
        ])
      : changeEntry(state.path.real ?? params.path, 'link', ownershipScripts(changes, params, true))
    return [step(script, params, state, value)]
  },
}

/** The state `hard`: a hard link. */
export const hardLink: FileForm = {
  diff(state, params) {
    demandAccounts(params, state)
    const source = state.source === undefined ? absent : endOf(state.source)
    if (!source.exists) throw new TaskFailure(`${params.src ?? ''} does not exist`)
    if (source.type === 'directory')
      throw new TaskFailure(`${params.src ?? ''} is a directory: directories cannot have hard links`)
    const now = state.path
    demandTrustedSymlinks(params.path, now)
    demandTrustedSymlinks(params.src ?? '', source)
    if (now.exists && now.inode !== undefined && now.inode === source.inode && now.device === source.device)
      return ownershipChanges(now, params)
    demandTrustedLinks(params.src ?? '', source)
    const changes = replacement(state, params, [{ field: 'source', before: null, after: params.src ?? '' }])
    return [...changes.filter(({ field }) => !isOwnership(field)), ...ownershipChanges(source, params)]
  },
  apply(changes, params, state) {
    const source = state.source === undefined ? absent : endOf(state.source)
    const now = changes.some(isNew) ? source : state.path
    const own = ownershipScripts(changes, params)
    const mode = changes.find(({ field }) => field === 'mode')?.after
    if (!now.exists || !source.exists) throw new Error('a hard link to nothing')
    const link = putInPlace(params, state.path, [linkTo(source.real ?? params.src ?? '', source)])
    const value: ExistingPath = {
      ...now,
      ...ownershipAfter(now, params, state),
      ...(typeof mode === 'string' ? { mode } : {}),
      ...(state.path.real === undefined ? {} : { real: state.path.real }),
    }
    const scripts = [
      ...(changes.some(isNew) ? [link] : []),
      ...(own.length === 0 ? [] : [changeEntry(state.path.real ?? params.path, now.type, own)]),
    ]
    return [step(joinScripts(scripts), params, state, value)]
  },
}

function step(script: Script, params: FileParams, state: FileState, value: ExistingPath): Step {
  return {
    script,
    swaps: true,
    writes: pathWrites({ path: params.path, state: state.path, follow: false }, value),
  }
}

function targetOf({ path: now }: FileState, { src, path }: FileParams): string {
  if (src !== undefined) return src
  if (now.exists && now.target !== undefined) return now.target
  throw new TaskFailure(`${path} is not a symlink yet: state: link needs a src`)
}

function linkTarget(now: PathState): string | null {
  return now.exists ? (now.target ?? null) : null
}

function isNew({ field }: Change): boolean {
  return field === 'target' || field === 'source'
}

function isOwnership(field: string): boolean {
  return ['owner', 'group', 'mode'].includes(field)
}

/** Returns the changes that create a link. It replaces other files only with force, and directories only if empty. */
function replacement(
  { path: now, parents, inside }: FileState,
  params: FileParams,
  changes: Change[],
): Change[] {
  if (!now.exists) demandParent(params.path, parents)
  const other = now.exists && (now.type !== 'link' || params.state === 'hard')
  if (other && !params.force)
    throw new TaskFailure(`${params.path} is already a ${now.type}`, {
      hint: 'use force: true to replace it; a directory must be empty',
    })
  if (inside?.holds === true)
    throw new TaskFailure(`${params.path} is a directory that is not empty`, {
      hint: 'remove it with a file task with state: absent before this one',
    })
  const before = now.exists ? now.type : 'absent'
  return [
    ...(now.exists && !other ? [] : [{ field: 'state', before, after: params.state }]),
    ...changes,
    ...newOwnershipChanges(params, false),
  ]
}

/** Creates a hard link to the file that was read: another file may have its path by now. */
function linkTo(path: string, { device, inode }: ExistingPath): Script {
  return sh`
    ln ${path} link
    if [ "$(stat -c %d:%i link)" != ${`${device ?? ''}:${inode ?? ''}`} ]; then
      printf '%s has been replaced by another file since it was read\\n' ${path} >&2
      exit ${staleReading}
    fi
  `
}

function ownLink(owner: string | undefined): Script[] {
  return owner === undefined ? [] : [sh`chown -h ${owner} link`]
}

/** Renames a new link into place if the entry there is as it was read, so that the path always exists. */
function putInPlace({ path }: FileParams, now: PathState, make: readonly Script[]): Script {
  const place = now.real ?? path
  return inPrivateDirectory(
    dirname(place),
    joinScripts([
      ...make,
      sh`place=${outside(place)}`,
      now.exists && now.type === 'directory'
        ? sh`rmdir "$place"`
        : joinScripts([sh`path=${place}`, compareEntry({ seen: now, edits: false, backup: false })]),
      sh`mv -fT link "$place"`,
    ]),
  )
}

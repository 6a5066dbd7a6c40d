import { basename, join } from 'node:path/posix'

import { TaskFailure } from '../../errors.ts'
import type { Key } from '../../state/definition/key.ts'
import { listing } from '../../state/directory-listing.ts'
import type { PathState } from '../../state/path/value.ts'
import type { Change } from '../definition/change.ts'
import type { SourceEntry, Source } from '../definition/module.ts'
import { fileFields } from '../placement/bytes.ts'
import { type Accounts, demandAccounts, type Ownership, ownershipChanges } from '../placement/ownership.ts'
import { demandTrustedLinks } from '../placement/untrusted-link.ts'

/** A directory on the controller, with its destination. */
export interface CopiedDirectory {
  readonly root: string
  /** The directory itself, with an empty path, and its content. */
  readonly entries: readonly SourceEntry[]
  readonly owner: string | undefined
  readonly group: string | undefined
  /** The mode of files; "preserve" means that of each source file. */
  readonly mode: string | undefined
  /** The mode of new directories. */
  readonly directoryMode: string | undefined
  /** True if existing files are replaced. */
  readonly force: boolean
}

/** The changes to one entry. */
export interface EntryTask {
  readonly entry: SourceEntry
  readonly path: string
  readonly state: PathState
  readonly wanted: Ownership
  /** True if the entry is created or replaced; otherwise only owner, group or mode change. */
  readonly isNew: boolean
  readonly changes: readonly Change[]
}

export type CopiedDirectoryState = Accounts & { readonly listing: readonly PathState[] | undefined }

/** Returns the destination. As with rsync, a slash at the end of `src` means the content of the directory. */
export function rootOf(dest: string, src: string): string {
  return src.endsWith('/') ? join(dest, '.') : join(dest, basename(src))
}

export function withRoot({ entries }: Extract<Source, { type: 'directory' }>): SourceEntry[] {
  return [{ path: '', type: 'directory', mode: '0755' }, ...entries]
}

export function listingKey(directory: CopiedDirectory | undefined): Key<readonly PathState[]> | undefined {
  if (directory === undefined) return undefined
  const { root, entries } = directory
  return listing.key({ directory: root, entries: entries.map((entry) => entry.path) })
}

export function directoryChanges(directory: CopiedDirectory, state: CopiedDirectoryState): Change[] {
  demandAccounts(directory, state)
  return tasksOf(directory, state).flatMap(({ changes }) => changes)
}

export function tasksOf(
  directory: CopiedDirectory,
  { listing: states = [] }: CopiedDirectoryState,
): EntryTask[] {
  return directory.entries
    .map((entry, index) => taskOf(directory, entry, states[index] ?? { exists: false }))
    .filter(({ changes }) => changes.length > 0)
}

function taskOf(directory: CopiedDirectory, entry: SourceEntry, state: PathState): EntryTask {
  const of = entry.path === '' ? directory.root : join(directory.root, entry.path)
  if (!state.exists && state.denied === true) throw new TaskFailure(`${of} cannot be read: permission denied`)
  demandTrustedLinks(of, state)
  const kept = !directory.force && state.exists && entry.type !== 'directory'
  const differs = !kept && !hasContent(state, entry, of)
  const wanted = ownershipOf(directory, entry, !state.exists)
  const name = entry.path === '' ? directory.root : entry.path
  const changes: Change[] = differs
    ? [{ field: `${entry.type} ${name}`, before: describe(state), after: describeEntry(entry) }]
    : kept || !state.exists
      ? []
      : ownershipChanges(state, wanted).map((change) => ({ ...change, field: `${change.field} of ${name}` }))
  return { entry, path: of, state, wanted, isNew: differs, changes }
}

function hasContent(state: PathState, entry: SourceEntry, of: string): boolean {
  if (!state.exists) return false
  // a symlink may take the place of a directory: its entries were read through it
  if (entry.type === 'directory' && state.type === 'link') return true
  if (state.type !== entry.type && (state.type === 'directory' || entry.type === 'directory'))
    throw new TaskFailure(`${of} is a ${state.type}, not a ${entry.type}`)
  if (state.type !== entry.type) return false
  if (entry.type === 'link') return state.target === entry.target
  return entry.type === 'directory' || state.sha256 === fileFields(entry.content ?? Buffer.alloc(0)).sha256
}

function ownershipOf(directory: CopiedDirectory, entry: SourceEntry, isNew: boolean): Ownership {
  const { owner, group } = directory
  if (entry.type === 'link') return { owner, group }
  if (entry.type === 'directory') return { owner, group, mode: isNew ? directory.directoryMode : undefined }
  return { owner, group, mode: directory.mode === 'preserve' ? entry.mode : directory.mode }
}

function describe(state: PathState): unknown {
  if (!state.exists) return null
  if (state.type === 'link') return state.target ?? null
  return { sha256: state.sha256 ?? null, size: state.size ?? null }
}

function describeEntry({ type, target, content }: SourceEntry): unknown {
  if (type === 'link') return target ?? null
  if (type === 'directory') return 'directory'
  const { sha256, size } = fileFields(content ?? Buffer.alloc(0))
  return { sha256, size }
}

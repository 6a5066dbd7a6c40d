import type { Write } from '../../state/definition/write.ts'
import { tree, type TreeEntries, type TreeState } from '../../state/directory-types.ts'
import { path } from '../../state/path.ts'
import type { ExistingPath } from '../../state/path/value.ts'
import type { Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import { isSymbolic, resolveMode } from '../definition/mode.ts'
import { type Accounts, type Ownership, ownershipAfter, ownershipChanges } from '../placement/ownership.ts'
import { changeTree } from '../placement/tree.ts'

/** Returns the changes below a directory, without those to the directory itself. */
export function treeChanges(state: TreeState | undefined, wanted: Ownership, root: ExistingPath): Change[] {
  const differing = new Map<string, { before: Set<string>; after: unknown; count: number }>()
  for (const entries of state?.entries ?? [])
    for (const { field, before, after } of ownershipChanges({ exists: true, ...entries }, wanted)) {
      const group = differing.get(field) ?? { before: new Set(), after, count: 0 }
      group.before.add(String(before))
      group.count += entries.count
      differing.set(field, group)
    }
  const ofRoot = new Set(ownershipChanges(root, wanted).map(({ field }) => field))
  return [...differing]
    .map(([field, { before, after, count }]) => ({
      field,
      before,
      after,
      count: count - (ofRoot.has(field) ? 1 : 0),
    }))
    .filter(({ count }) => count > 0)
    .map(({ field, before, after, count }) => ({
      field: `${field} below`,
      before: `${[...before].sort().join(', ')} (${count} ${count === 1 ? 'entry' : 'entries'})`,
      after: field === 'mode' ? wanted.mode : after,
    }))
}

/** Returns the scripts for these changes. Symlinks are not followed; they have an owner, but no mode. */
export function treeScripts(
  changes: readonly Change[],
  root: string,
  wanted: Ownership,
  state: TreeState | undefined,
): Script[] {
  const fields = new Set(changes.map(({ field }) => field))
  const owner = fields.has('owner below') ? (wanted.owner ?? '') : ''
  const group = fields.has('group below') ? `:${wanted.group ?? ''}` : ''
  const mode = fields.has('mode below') ? wanted.mode : undefined
  if (owner + group === '' && mode === undefined) return []
  return [
    changeTree(root, {
      owner: owner + group === '' ? undefined : owner + group,
      mode: mode === undefined || isSymbolic(mode) ? mode : `0${mode}`,
      excludesOthers: ['', '0', 'root'].includes(owner) && !opensDirectories(mode, state),
    }),
  ]
}

function opensDirectories(mode: string | undefined, state: TreeState | undefined): boolean {
  if (mode === undefined) return false
  return (state?.entries ?? [])
    .filter(({ type }) => type === 'directory')
    .some((entries) => (parseInt(resolveMode(mode, entries.mode, true), 8) & 0o022) !== 0)
}

/** Returns the writes of a change below a directory: the whole tree is predicted, but each single path is unknown. */
export function treeWrites(
  root: string,
  wanted: Ownership,
  state: Accounts & { readonly tree: TreeState | undefined },
): Write[] {
  const after = (state.tree?.entries ?? []).map((entries) => entriesAfter(entries, wanted, state))
  return [tree.write({ path: root }, { entries: after }), path.write({ path: root })]
}

function entriesAfter(entries: TreeEntries, wanted: Ownership, accounts: Accounts): TreeEntries {
  const mode =
    wanted.mode === undefined || entries.type === 'link'
      ? entries.mode
      : resolveMode(wanted.mode, entries.mode, entries.type === 'directory')
  return { ...entries, ...ownershipAfter({ exists: true, ...entries }, wanted, accounts), mode }
}

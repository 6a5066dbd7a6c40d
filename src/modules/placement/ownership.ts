import { TaskFailure } from '../../errors.ts'
import type { GroupValue, UserValue } from '../../state/account/value.ts'
import type { Key } from '../../state/definition/key.ts'
import { group } from '../../state/group.ts'
import type { ExistingPath, PathState } from '../../state/path/value.ts'
import { user } from '../../state/user.ts'
import { staleReading } from '../../state/swap/stale-reading.ts'
import { sh, type Script } from '../../target/sh.ts'
import { defined } from '../../text/defined.ts'
import type { Change } from '../definition/change.ts'
import { isSymbolic, resolveMode } from '../definition/mode.ts'
import { modeParam, nameParam } from '../definition/parameters.ts'

/**
 * The parameters of every module that creates files. Owner and group are names or numbers; a number needs no account.
 */
export const ownershipParams = {
  owner: nameParam.optional(),
  group: nameParam.optional(),
  mode: modeParam.optional(),
}

export const ownershipSentences = {
  owner: 'Name or number of the user that owns the file.',
  group: 'Name or number of the group of the file.',
  mode: 'Permissions as octal digits or symbols, e.g. `0644` or `u=rw,go=r`; by default new files get 0644, new directories 0755, and existing ones keep theirs.',
} as const

export interface Ownership {
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}

/** The accounts of the wanted owner and group on the host. */
export interface Accounts {
  readonly owner: UserValue | undefined
  readonly group: GroupValue | undefined
}

/** Returns the keys of the accounts that must exist. */
export function accountKeys({ owner, group: groupName }: Ownership): {
  owner: Key<UserValue> | undefined
  group: Key<GroupValue> | undefined
} {
  return {
    owner: isName(owner) ? user.key({ name: owner }) : undefined,
    group: isName(groupName) ? group.key({ name: groupName }) : undefined,
  }
}

export function demandAccounts(wanted: Ownership, accounts: Accounts): void {
  if (accounts.owner?.exists === false)
    throw new TaskFailure(`there is no user '${wanted.owner ?? ''}' on the host`, {
      hint: 'create it with a user task before this one',
    })
  if (accounts.group?.exists === false)
    throw new TaskFailure(`there is no group '${wanted.group ?? ''}' on the host`, {
      hint: 'create it with a group task before this one',
    })
}

/** Compares owner, group and mode of an existing path with the wanted ones. */
export function ownershipChanges(state: ExistingPath, wanted: Ownership): Change[] {
  const changes: Change[] = []
  if (wanted.owner !== undefined && !isCalled(wanted.owner, state.owner, state.uid))
    changes.push({ field: 'owner', before: state.owner ?? null, after: wanted.owner })
  if (wanted.group !== undefined && !isCalled(wanted.group, state.group, state.gid))
    changes.push({ field: 'group', before: state.group ?? null, after: wanted.group })
  const mode = modeAfter(state, wanted, state.type === 'directory')
  if (mode !== state.mode && state.type !== 'link')
    changes.push({ field: 'mode', before: state.mode, after: mode })
  return changes
}

/** Returns the changes for a new path, only for the parameters that the task gives. */
export function newOwnershipChanges(wanted: Ownership, directory: boolean): Change[] {
  return [
    ...(wanted.owner === undefined ? [] : [{ field: 'owner', before: null, after: wanted.owner }]),
    ...(wanted.group === undefined ? [] : [{ field: 'group', before: null, after: wanted.group }]),
    ...(wanted.mode === undefined
      ? []
      : [{ field: 'mode', before: null, after: modeAfter({ exists: false }, wanted, directory) }]),
  ]
}

/** Returns the mode afterwards as four octal digits: by default the current one, or the one by the umask 022. */
export function modeAfter(state: PathState, wanted: Ownership, directory: boolean): string {
  const current = state.exists ? state.mode : directory ? '0755' : '0644'
  return wanted.mode === undefined ? current : resolveMode(wanted.mode, current, directory)
}

/** Returns the owner and group of a path afterwards, without fields that cannot be predicted. */
export function ownershipAfter(
  state: PathState,
  wanted: Ownership,
  accounts: Accounts,
): Pick<ExistingPath, 'owner' | 'group' | 'uid' | 'gid'> {
  const before = state.exists ? state : undefined
  const owner = named(wanted.owner, accounts.owner?.uid, { name: before?.owner, id: before?.uid })
  const groupAfter = named(wanted.group, accounts.group?.gid, { name: before?.group, id: before?.gid })
  return {
    ...defined({ owner: owner.name, uid: owner.id, group: groupAfter.name, gid: groupAfter.id }),
  }
}

/** Returns the argument of chown for the wanted or the current owner and group, or undefined if there are none. */
export function chownArgument(state: PathState, wanted: Ownership): string | undefined {
  const owner = wanted.owner ?? (state.exists ? state.uid : undefined) ?? ''
  const groupName = wanted.group ?? (state.exists ? state.gid : undefined) ?? ''
  if (groupName === '') return owner === '' ? undefined : String(owner)
  return `${owner}:${groupName}`
}

/** Returns the scripts that change "$entry". chown comes before chmod because it clears the set-ID bits. */
export function ownershipScripts(changes: readonly Change[], wanted: Ownership, link = false): Script[] {
  const changed = new Set(changes.map(({ field }) => field))
  const owner = changed.has('owner') ? wanted.owner : undefined
  const group = changed.has('group') ? wanted.group : undefined
  const mode = changes.find(({ field }) => field === 'mode')?.after
  return [
    ...demandMode(changes, wanted),
    ...(owner === undefined && group === undefined
      ? []
      : [
          sh`chown ${link ? ['-h'] : []} ${group === undefined ? (owner ?? '') : `${owner ?? ''}:${group}`} "$entry"`,
        ]),
    ...(typeof mode === 'string' ? [sh`chmod ${`0${mode}`} "$entry"`] : []),
  ]
}

/** Demands the mode that was read if the new mode was computed from it. */
function demandMode(changes: readonly Change[], wanted: Ownership): Script[] {
  const before = changes.find(({ field }) => field === 'mode')?.before
  if (typeof before !== 'string' || wanted.mode === undefined || !isSymbolic(wanted.mode)) return []
  return [
    sh`
      if [ "$(stat -c %a "$entry")" != ${parseInt(before, 8).toString(8)} ]; then
        printf '%s: the mode has changed since it was read\\n' "$directory/\${entry#./}" >&2
        exit ${staleReading}
      fi
    `,
  ]
}

interface Holder {
  readonly name: string | undefined
  readonly id: number | undefined
}

function named(wanted: string | undefined, wantedId: number | undefined, before: Holder): Holder {
  if (wanted === undefined || isCalled(wanted, before.name, before.id)) return before
  return isName(wanted) ? { name: wanted, id: wantedId } : { name: undefined, id: Number(wanted) }
}

function isCalled(wanted: string, name: string | undefined, id: number | undefined): boolean {
  return isName(wanted) ? wanted === name : wanted === String(id) || wanted === name
}

function isName(text: string | undefined): text is string {
  return text !== undefined && !/^\d+$/.test(text)
}

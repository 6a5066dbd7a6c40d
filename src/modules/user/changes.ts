import { TaskFailure } from '../../errors.ts'
import type { GroupValue, UserValue } from '../../state/account/value.ts'
import type { PathState } from '../../state/path/value.ts'
import type { Change } from '../definition/change.ts'
import type { UserParams } from './params.ts'

export interface UserState {
  readonly user: UserValue
  /** The wanted primary group. */
  readonly group: GroupValue | undefined
  /** The wanted supplementary groups, in their order. */
  readonly groups: readonly GroupValue[]
  /** The group with the name of the user. */
  readonly own: GroupValue | undefined
  /** The state of the given home directory, if the task does not create it. */
  readonly home: PathState | undefined
}

/** Compares an account with the parameters of a task. */
export function userChanges(params: UserParams, state: UserState): Change[] {
  const { user } = state
  if (params.state === 'absent')
    return user.exists ? [{ field: 'state', before: 'present', after: 'absent' }] : []
  demandGroups(params, state)
  if (!user.exists) return [{ field: 'state', before: 'absent', after: 'present' }]
  return [
    ...fieldChange('uid', user.uid, params.uid),
    ...firstGroupChange(params, state),
    ...groupsChange(params, user),
    ...fieldChange('home', user.home, params.home),
    ...fieldChange('shell', user.shell, params.shell),
    ...fieldChange('comment', user.comment, params.comment),
    ...fieldChange('expires', user.expires, expiryDay(params)),
    ...passwordChange(params, user),
    ...lockChange(params, user),
  ]
}

/** Returns the wanted supplementary groups. */
export function wantedGroups(params: UserParams, user: UserValue): readonly string[] | undefined {
  if (params.groups === undefined) return undefined
  const added = params.append ? [...(user.groups ?? []), ...params.groups] : params.groups
  return [...new Set(added)].filter((name) => name !== (params.group ?? user.group)).sort()
}

/** Returns the day since 1970 on which the account expires; -1 means never. */
export function expiryDay({ expires }: UserParams): number | undefined {
  if (expires === undefined) return undefined
  return expires < 0 ? -1 : Math.floor(expires / 86400)
}

/** Returns the hash for the shadow file. A locked account remains locked unless the task unlocks it. */
export function wantedHash(params: UserParams, user: UserValue): string | undefined {
  if (params.password === undefined) return undefined
  const locked = params.password_lock ?? (user.exists && user.locked === true && user.passwordHash !== '!')
  return (locked ? '!' : '') + (locked ? params.password.replace(/^!+/, '') : params.password)
}

function demandGroups(params: UserParams, state: UserState): void {
  const wanted: readonly [string, GroupValue | undefined][] = [
    ...(params.group === undefined ? [] : [[params.group, state.group] as const]),
    ...(params.groups ?? []).map((name, index): [string, GroupValue | undefined] => [
      name,
      state.groups[index],
    ]),
  ].map(([name, value]) => [name, value])
  const missing = wanted.filter(([, value]) => value?.exists === false).map(([name]) => name)
  if (missing.length === 0) return
  throw new TaskFailure(`there is no group ${missing.join(', ')} for the user ${params.name}`, {
    hint: 'create it with a group task before this one',
  })
}

function fieldChange(field: string, before: unknown, after: unknown): Change[] {
  return after === undefined || before === undefined || before === after ? [] : [{ field, before, after }]
}

function firstGroupChange({ group }: UserParams, state: UserState): Change[] {
  const { user } = state
  const same = state.group?.gid === undefined ? user.group === group : user.gid === state.group.gid
  return group === undefined || same ? [] : [{ field: 'group', before: user.group ?? user.gid, after: group }]
}

function groupsChange(params: UserParams, user: UserValue): Change[] {
  const wanted = wantedGroups(params, user)
  if (wanted === undefined || user.groups === undefined || wanted.join() === user.groups.join()) return []
  return [{ field: 'groups', before: user.groups, after: wanted }]
}

function passwordChange(params: UserParams, user: UserValue): Change[] {
  if (params.password === undefined || params.update_password === 'on_create') return []
  if (user.passwordHash === undefined || bare(user.passwordHash) === bare(params.password)) return []
  return [{ field: 'password', before: user.passwordHash, after: wantedHash(params, user), secret: true }]
}

function bare(hash: string): string {
  return hash.replace(/^!+/, '')
}

function lockChange({ password_lock }: UserParams, user: UserValue): Change[] {
  if (password_lock === undefined || user.locked === undefined || user.locked === password_lock) return []
  // an account that never had a password cannot be unlocked: any user could log in without one
  if (!password_lock && bare(user.passwordHash ?? '') === '') return []
  return [{ field: 'password_lock', before: user.locked, after: password_lock }]
}

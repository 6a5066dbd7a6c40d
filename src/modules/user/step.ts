import type { UserValue } from '../../state/account/value.ts'
import type { Write } from '../../state/definition/write.ts'
import { group as groupKind } from '../../state/group.ts'
import { path } from '../../state/path.ts'
import { user as userKind } from '../../state/user.ts'
import { attach, joinScripts, sh, type Script } from '../../target/sh.ts'
import type { Change } from '../definition/change.ts'
import type { Step } from '../definition/module.ts'
import { expiryDay, wantedGroups, wantedHash, type UserState } from './changes.ts'
import type { UserParams } from './params.ts'

/** Returns the step that makes these changes to an account. */
export function userStep(changes: readonly Change[], params: UserParams, state: UserState): Step {
  if (params.state === 'absent') return removal(params, state.user)
  const fields = new Set(changes.map(({ field }) => field))
  const creates = !state.user.exists
  const account = creates ? creation(params, state) : modification(fields, params, state.user)
  const hash = creates || fields.has('password') ? wantedHash(params, state.user) : undefined
  return {
    script: joinScripts([
      account,
      ...(hash === undefined
        ? []
        : [sh`chpasswd --encrypted < ${attach('password', `${params.name}:${hash}\n`)} || exit`]),
      ...lock(fields, params, creates, hash !== undefined),
    ]),
    writes: writesOf(params, state, hash),
  }
}

function creation(params: UserParams, state: UserState): Script {
  const { uid, comment, home, shell } = params
  // useradd fails if it must create a group with the name of the user and this group exists
  const group = params.group ?? (state.own?.exists === true ? params.name : undefined)
  const groups = wantedGroups(
    { ...params, append: false, ...(group === undefined ? {} : { group }) },
    state.user,
  )
  const options = [
    ...option('uid', uid),
    ...option('gid', group),
    ...(groups === undefined || groups.length === 0 ? [] : option('groups', groups.join(','))),
    ...option('comment', comment),
    ...option('home-dir', home),
    ...option('shell', shell),
    ...expiry(params),
    ...(params.system ? ['--system'] : []),
    params.create_home ? '--create-home' : '--no-create-home',
  ]
  return sh`useradd ${options} -- ${params.name} || exit`
}

function modification(fields: ReadonlySet<string>, params: UserParams, user: UserValue): Script {
  const options = [
    ...(fields.has('uid') ? option('uid', params.uid) : []),
    ...(fields.has('group') ? option('gid', params.group) : []),
    ...(fields.has('groups') ? option('groups', (wantedGroups(params, user) ?? []).join(',')) : []),
    ...(fields.has('home') ? option('home', params.home) : []),
    ...(fields.has('home') && params.move_home ? ['--move-home'] : []),
    ...(fields.has('shell') ? option('shell', params.shell) : []),
    ...(fields.has('comment') ? option('comment', params.comment) : []),
    ...(fields.has('expires') ? expiry(params) : []),
  ]
  return options.length === 0 ? sh`` : sh`usermod ${options} -- ${params.name} || exit`
}

/** Locks or unlocks the password, unless a new hash already contains the lock. */
function lock(
  fields: ReadonlySet<string>,
  params: UserParams,
  creates: boolean,
  passwordSet: boolean,
): Script[] {
  const changes = fields.has('password_lock') || (creates && params.password_lock === true)
  if (!changes || passwordSet) return []
  return [
    params.password_lock === true
      ? sh`usermod --lock -- ${params.name}`
      : sh`usermod --unlock -- ${params.name}`,
  ]
}

function removal({ name, remove, force }: UserParams, user: UserValue): Step {
  const options = [...(remove ? ['--remove'] : []), ...(force ? ['--force'] : [])]
  return {
    script: sh`userdel ${options} -- ${name}`,
    writes: [
      userKind.write({ name }, { exists: false }),
      groupKind.write({ name }),
      ...(remove && user.home !== undefined ? [path.write({ path: user.home })] : []),
    ],
    effect: remove ? `removes the user ${name} and the home directory` : `removes the user ${name}`,
  }
}

function writesOf(params: UserParams, state: UserState, hash: string | undefined): Write[] {
  const { user, own } = state
  const { name, uid, home, shell, comment } = params
  const group = params.group ?? (user.exists ? user.group : name)
  const ownGroup = own?.gid === undefined ? {} : { gid: own.gid }
  const gid = user.exists ? (user.gid === undefined ? {} : { gid: user.gid }) : ownGroup
  const value: UserValue = {
    ...user,
    exists: true,
    ...given({ uid, shell, comment, home: home ?? (user.exists ? undefined : `/home/${name}`) }),
    ...(params.group === undefined ? gid : given({ gid: state.group?.gid })),
    ...given({ group, groups: wantedGroups(params, user) ?? (user.exists ? undefined : []) }),
    ...given({ expires: expiryDay(params) ?? (user.exists ? undefined : -1) }),
    ...given({ passwordHash: hash, locked: params.password_lock ?? hash?.startsWith('!') }),
  }
  const makesGroup = !user.exists && params.group === undefined && own?.exists !== true
  return [
    userKind.write({ name }, value),
    ...(makesGroup ? [groupKind.write({ name }, { exists: true })] : []),
    // without create_home the home directory is not changed
    ...(home !== undefined && state.home !== undefined ? [path.write({ path: home }, state.home)] : []),
  ]
}

function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`]
}

function expiry(params: UserParams): string[] {
  const day = expiryDay(params)
  if (day === undefined) return []
  return [`--expiredate=${day < 0 ? '' : new Date(day * 86_400_000).toISOString().slice(0, 10)}`]
}

/** Returns only the defined fields. */
function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<Fields>
  >
}

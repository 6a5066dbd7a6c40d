import { allPrivileges, describeScope, type Grant, type GrantScope } from '../../state/mysql/grants.ts'
import { sqlName } from '../../state/mysql/sql.ts'
import { allOf, canonical, grantOption } from './privilege-names.ts'

/** The privileges to grant and to revoke in one scope. */
export interface GrantDifference {
  readonly scope: GrantScope
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly grant: readonly string[]
  readonly revoke: readonly string[]
}

export interface PrivilegePolicy {
  /** The privileges that the server has, from SHOW PRIVILEGES. */
  readonly known: readonly string[]
  readonly append: boolean
  readonly subtract: boolean
}

export function compareGrants(
  present: readonly Grant[],
  wanted: readonly Grant[],
  policy: PrivilegePolicy,
): GrantDifference[] {
  const scopes = new Map([...wanted, ...present].map(({ scope }) => [describeScope(scope), scope]))
  return [...scopes.values()]
    .map((scope) => compareScope(scope, find(present, scope), find(wanted, scope), policy))
    .filter(({ grant, revoke }) => grant.length + revoke.length > 0)
}

function find(grants: readonly Grant[], scope: GrantScope): Grant {
  const text = describeScope(scope)
  return (
    grants.find((grant) => describeScope(grant.scope) === text) ?? {
      scope,
      privileges: [],
      grantOption: false,
    }
  )
}

function compareScope(
  scope: GrantScope,
  present: Grant,
  wanted: Grant,
  { known, append, subtract }: PrivilegePolicy,
): GrantDifference {
  const has = expand(present, known)
  const wants = expand(wanted, known)
  const revoke = subtract
    ? wants.filter((one) => has.includes(one))
    : has.filter((one) => !wants.includes(one))
  const grant = subtract ? [] : wants.filter((one) => !has.includes(one))
  const grantsAll = grant.length > 0 && wanted.privileges.includes(allPrivileges)
  const revoked = append ? [] : revoke
  return {
    scope,
    before: shown(present, known),
    after:
      subtract || append
        ? [...has.filter((one) => !revoked.includes(one)), ...grant].sort()
        : shown(wanted, known),
    grant: grantsAll ? [allPrivileges, ...grant.filter((one) => one === grantOption)] : grant,
    revoke: revoked,
  }
}

/** Lists every single privilege, including GRANT OPTION. */
function expand({ scope, privileges, grantOption: mayGrant }: Grant, known: readonly string[]): string[] {
  const single = privileges.flatMap((one) =>
    one === allPrivileges ? allOf(scope, known) : [canonical(one, known)],
  )
  return [...new Set([...single, ...(mayGrant ? [grantOption] : [])])].sort()
}

/** Lists the privileges for output, with ALL PRIVILEGES in place of a complete list. */
function shown(grant: Grant, known: readonly string[]): string[] {
  const single = expand({ ...grant, grantOption: false }, known)
  const all = allOf(grant.scope, known)
  const isAll = all.length > 0 && all.every((one) => single.includes(one))
  return [
    ...(isAll ? [allPrivileges, ...single.filter((one) => !all.includes(one))] : single),
    ...(grant.grantOption ? [grantOption] : []),
  ]
}

/** Returns the privileges that the server does not have. */
export function unknownPrivileges(grants: readonly Grant[], known: readonly string[]): string[] {
  return grants
    .flatMap((grant) => expand(grant, known))
    .map((privilege) => privilege.replace(/ \(.*$/s, ''))
    .filter((privilege) => privilege !== grantOption && !known.includes(privilege))
}

/** Returns the statements for a difference. They revoke last, so that the user has all wanted privileges in between. */
export function grantStatements(difference: GrantDifference, account: string): string[] {
  const scope = describeScope(difference.scope)
  const rights = difference.grant.filter((one) => one !== grantOption)
  const mayGrant = difference.grant.includes(grantOption) ? ' WITH GRANT OPTION' : ''
  return [
    ...(difference.grant.length === 0
      ? []
      : [
          `GRANT ${rights.length === 0 ? 'USAGE' : sqlPrivileges(rights)} ON ${scope} TO ${account}${mayGrant};`,
        ]),
    ...(difference.revoke.length === 0
      ? []
      : [`REVOKE ${sqlPrivileges(difference.revoke)} ON ${scope} FROM ${account};`]),
  ]
}

function sqlPrivileges(privileges: readonly string[]): string {
  return privileges
    .map((privilege) => {
      const [, right = privilege, column] = /^([^(]+) \((.*)\)$/s.exec(privilege) ?? []
      return column === undefined ? right : `${right} (${sqlName(column)})`
    })
    .join(', ')
}

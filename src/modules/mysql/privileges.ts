import { allPrivileges, describeScope, type Grant, type GrantScope } from '../../state/mysql/grants.ts'
import { sqlName } from '../../state/mysql/sql.ts'
import { allOf, canonical, grantOption } from './privilege-names.ts'

/** What is to be granted or revoked in one scope. */
export interface GrantDifference {
  readonly scope: GrantScope
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly grant: readonly string[]
  readonly revoke: readonly string[]
}

export interface PrivilegePolicy {
  /** What the server knows at all, as SHOW PRIVILEGES lists it. */
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

/** Every privilege one by one, with the right to hand them on as one of them. */
function expand({ scope, privileges, grantOption: mayGrant }: Grant, known: readonly string[]): string[] {
  const single = privileges.flatMap((one) =>
    one === allPrivileges ? allOf(scope, known) : [canonical(one, known)],
  )
  return [...new Set([...single, ...(mayGrant ? [grantOption] : [])])].sort()
}

/** In words, with ALL PRIVILEGES for a list that is all. */
function shown(grant: Grant, known: readonly string[]): string[] {
  const single = expand({ ...grant, grantOption: false }, known)
  const all = allOf(grant.scope, known)
  const isAll = all.length > 0 && all.every((one) => single.includes(one))
  return [
    ...(isAll ? [allPrivileges, ...single.filter((one) => !all.includes(one))] : single),
    ...(grant.grantOption ? [grantOption] : []),
  ]
}

/** Those which this server does not know. */
export function unknownPrivileges(grants: readonly Grant[], known: readonly string[]): string[] {
  return grants
    .flatMap((grant) => expand(grant, known))
    .map((privilege) => privilege.replace(/ \(.*$/s, ''))
    .filter((privilege) => privilege !== grantOption && !known.includes(privilege))
}

/** The statements that make the difference; what is too much goes last, so that nobody lacks a right in between. */
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

import {
  describeScope,
  everywhere,
  splitPrivileges,
  type Grant,
  type GrantScope,
} from '../state/mysql-grants.ts'
import { sqlName } from '../state/mysql-sql.ts'

/** Reads "db.*:SELECT,INSERT/other.table:ALL,GRANT". Throws with a message for the author of the playbook. */
export function parsePrivileges(given: string | Readonly<Record<string, string>>): Grant[] {
  const pairs = typeof given === 'string' ? given.split('/').map(splitPair) : Object.entries(given)
  return pairs.map(([scope, privileges]) => wantedGrant(parseScope(scope), privileges))
}

function splitPair(text: string): [string, string] {
  const colon = text.lastIndexOf(':')
  if (colon === -1) throw new Error(`'${text}' names no privileges: write e.g. db.*:SELECT,INSERT`)
  return [text.slice(0, colon), text.slice(colon + 1)]
}

const quoted = '`(?:[^`]|``)+`'
const scopePattern = new RegExp(
  `^(?:(TABLE|FUNCTION|PROCEDURE) +)?(${quoted}|[^.\`]+)\\.(${quoted}|[^\`]+)$`,
  'is',
)

function parseScope(text: string): GrantScope {
  const [, object = 'table', database, name] = scopePattern.exec(text.trim()) ?? []
  if (database === undefined || name === undefined)
    throw new Error(`'${text}' is not a scope: write e.g. *.*, db.* or db.table`)
  if (database === '*' && name !== '*') throw new Error(`'${text}': all databases have no table in common`)
  return {
    object: object.toLowerCase() as GrantScope['object'],
    database: unquoted(database),
    name: unquoted(name),
  }
}

function unquoted(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1).replaceAll('``', '`') : text
}

function wantedGrant(scope: GrantScope, text: string): Grant {
  const words = splitPrivileges(text)
  const isGrant = (word: string): boolean => word === 'GRANT' || word === 'GRANT OPTION'
  const privileges = words
    .filter((word) => !isGrant(word) && word !== 'USAGE')
    .map((word) => (word === 'ALL' ? allPrivileges : word))
  return {
    scope,
    privileges: privileges.includes(allPrivileges) ? [allPrivileges] : [...new Set(privileges)].sort(),
    grantOption: words.some(isGrant),
  }
}

const allPrivileges = 'ALL PRIVILEGES'

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

const grantOption = 'GRANT OPTION'

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

const ofRoutines = ['EXECUTE', 'ALTER ROUTINE', 'SHOW CREATE ROUTINE']
const ofTables = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER'],
  ...['CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'DELETE HISTORY'],
]
const ofDatabases = [
  ...ofTables,
  ...['CREATE TEMPORARY TABLES', 'LOCK TABLES', 'CREATE ROUTINE', 'EVENT'],
  ...ofRoutines,
]
const nowhere = ['USAGE', 'PROXY', grantOption]

/** What ALL PRIVILEGES means in a scope on this server. */
function allOf(scope: GrantScope, known: readonly string[]): string[] {
  if (describeScope(scope) === describeScope(everywhere)) return known.filter((one) => !nowhere.includes(one))
  if (scope.object !== 'table') return ofRoutines.filter((one) => known.includes(one))
  return (scope.name === '*' ? ofDatabases : ofTables).filter((one) => known.includes(one))
}

const otherNames: Readonly<Record<string, string>> = {
  'REPLICATION CLIENT': 'BINLOG MONITOR',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
  'READ ONLY ADMIN': 'READ_ONLY ADMIN',
}

/** MariaDB knows some privileges by two names and shows one. The case of a column does not matter. */
function canonical(privilege: string, known: readonly string[]): string {
  const column = privilege.indexOf(' (')
  if (column !== -1) return privilege.slice(0, column) + privilege.slice(column).toLowerCase()
  const other = otherNames[privilege]
  return other !== undefined && !known.includes(privilege) && known.includes(other) ? other : privilege
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

import { allPrivileges, splitPrivileges, type Grant, type GrantScope } from '../../state/mysql/grants.ts'

/** Parses "db.*:SELECT,INSERT/other.table:ALL,GRANT". Throws an error with a message for the user. */
export function parsePrivileges(given: string | Readonly<Record<string, string>>): Grant[] {
  const pairs = typeof given === 'string' ? given.split('/').map(splitPair) : Object.entries(given)
  return pairs.map(([scope, privileges]) => wantedGrant(parseScope(scope), privileges))
}

function splitPair(text: string): [string, string] {
  const colon = text.lastIndexOf(':')
  if (colon === -1) throw new Error(`no privileges in '${text}': write e.g. db.*:SELECT,INSERT`)
  return [text.slice(0, colon), text.slice(colon + 1)]
}

const quoted = '`(?:[^`]|``)+`'
const scopePattern = new RegExp(
  `^(?:(TABLE|FUNCTION|PROCEDURE) +)?(${quoted}|[^.\` ][^.\`]*)\\.(${quoted}|[^\`]+)$`,
  'is',
)

function parseScope(text: string): GrantScope {
  const [, object = 'table', database, name] = scopePattern.exec(text.trim()) ?? []
  if (database === undefined || name === undefined)
    throw new Error(`invalid scope '${text}': write e.g. *.*, db.* or db.table`)
  if (database === '*' && name !== '*')
    throw new Error(`invalid scope '${text}': name the database of the table`)
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
  const beside = privileges.find((word) => word !== allPrivileges)
  if (privileges.includes(allPrivileges) && beside !== undefined)
    throw new Error(`'${beside}' is part of ALL in '${text}': write ALL alone`)
  return {
    scope,
    privileges: [...new Set(privileges)].sort(),
    grantOption: words.some(isGrant),
  }
}

import { allPrivileges, splitPrivileges, type Grant, type GrantScope } from '../../state/mysql/grants.ts'

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
  `^(?:(TABLE|FUNCTION|PROCEDURE) +)?(${quoted}|[^.\` ][^.\`]*)\\.(${quoted}|[^\`]+)$`,
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

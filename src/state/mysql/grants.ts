/** The privileges of an account in one scope. */
export interface Grant {
  readonly scope: GrantScope
  /** The privileges in upper case, sorted. Column privileges are separate: "SELECT (name)". */
  readonly privileges: readonly string[]
  readonly grantOption: boolean
}

/** `*` means all databases or all objects of one. The database of `db.*` is a pattern, with `\_` for an underscore. */
export interface GrantScope {
  readonly object: 'table' | 'function' | 'procedure'
  readonly database: string
  readonly name: string
}

export const allPrivileges = 'ALL PRIVILEGES'

export const everywhere: GrantScope = { object: 'table', database: '*', name: '*' }

/** Returns the scope as SQL and messages show it: `db`.*, *.*, FUNCTION `db`.`f`. Equal scopes give equal strings. */
export function describeScope({ object, database, name }: GrantScope): string {
  const prefix = object === 'table' ? '' : `${object.toUpperCase()} `
  return `${prefix}${quoteUnlessStar(database)}.${quoteUnlessStar(name)}`
}

/** Parses the lines of SHOW GRANTS. Ignores grants of roles and proxies, and partial revokes. */
export function parseGrants(lines: readonly string[]): Grant[] {
  const grants = new Map<string, Grant>()
  for (const line of lines) {
    const grant = parseGrant(line)
    if (grant === undefined) continue
    const scope = describeScope(grant.scope)
    const earlier = grants.get(scope)
    // MySQL shows static and dynamic privileges of a scope on separate lines.
    grants.set(scope, earlier === undefined ? grant : joined(earlier, grant))
  }
  return [...grants.values()]
}

/** Splits a list of privileges for GRANT, in upper case and by column: "SELECT (a, b)" is two privileges. */
export function splitPrivileges(text: string): string[] {
  return listedPrivileges(text).flatMap(({ words, columns }) => {
    const privilege = words.trim().replaceAll(/\s+/g, ' ').toUpperCase()
    if (privilege === '') throw notPrivileges(text)
    return columns === undefined
      ? [privilege]
      : splitColumns(columns).map((column) => `${privilege} (${column})`)
  })
}

interface ListedPrivilege {
  words: string
  columns?: string
}

function listedPrivileges(text: string): ListedPrivilege[] {
  const listed: ListedPrivilege[] = [{ words: '' }]
  let place: 'words' | 'columns' | 'end' = 'words'
  for (const [token] of text.matchAll(/`[^`]*`|[^`(),]+|[^]/g)) {
    const last = listed.at(-1) ?? { words: '' }
    if (token === '`') throw notPrivileges(text)
    if (place === 'columns') {
      if (token === '(') throw notPrivileges(text)
      if (token === ')') place = 'end'
      else last.columns = `${last.columns ?? ''}${token}`
    } else if (token === ',') {
      listed.push({ words: '' })
      place = 'words'
    } else if (token === '(' && place === 'words') {
      last.columns = ''
      place = 'columns'
    } else if (place === 'words' && token !== ')') last.words += token
    else if (token.trim() !== '') throw notPrivileges(text)
  }
  if (place === 'columns') throw notPrivileges(text)
  const last = listed.at(-1)
  return last?.words === '' && last.columns === undefined ? listed.slice(0, -1) : listed
}

function notPrivileges(text: string): Error {
  return new Error(`invalid list of privileges: ${text}`)
}

const name = '(?:`(?:[^`]|``)*`|\\*)'
const account = "(?:`(?:[^`]|``)*`|'(?:[^'\\\\]|''|\\\\.)*')"
const onScope = new RegExp(
  `^(?:(TABLE|FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE) )?(${name})\\.(${name}) TO ${account}(?:@${account})?(.*)$`,
  's',
)
// Names of roles are quoted, privileges never are.
const notOfAScope = /^(?:GRANT [`']|GRANT PROXY ON |SET DEFAULT ROLE |REVOKE )/
const withGrantOption = / WITH (?:\w+ \d+ )*GRANT OPTION(?: \w+ \d+)*$/

function parseGrant(line: string): Grant | undefined {
  if (notOfAScope.test(line)) return undefined
  const [privileges, scope] = splitAtOn(line)
  const [, object = 'TABLE', database = '', thing = '', rest = ''] = onScope.exec(scope) ?? []
  if (database === '')
    throw new Error(`unexpected line of SHOW GRANTS: ${line.replace(/'\*[0-9A-F]+'/, "'…'")}`)
  if (object.startsWith('PACKAGE')) return undefined
  return {
    scope: {
      object: object.toLowerCase() as GrantScope['object'],
      database: unquote(database),
      name: unquote(thing),
    },
    privileges: splitPrivileges(privileges)
      .filter((privilege) => privilege !== 'USAGE')
      .sort(),
    grantOption: withGrantOption.test(rest),
  }
}

/** Splits a line at the first ON that is not part of a name. Returns the privileges and the rest. */
function splitAtOn(line: string): [string, string] {
  const verb = 'GRANT '
  if (!line.startsWith(verb)) return ['', '']
  for (const { 0: token, index } of line.matchAll(/`[^`]*`| ON /g))
    if (token === ' ON ') return [line.slice(verb.length, index), line.slice(index + token.length)]
  return ['', '']
}

function joined(one: Grant, other: Grant): Grant {
  return {
    scope: one.scope,
    privileges: [...new Set([...one.privileges, ...other.privileges])].sort(),
    grantOption: one.grantOption || other.grantOption,
  }
}

function splitColumns(text: string): string[] {
  return (text.match(/`(?:[^`]|``)*`|[^\s,`]+/g) ?? []).map(unquote)
}

function unquote(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1).replaceAll('``', '`') : text
}

function quoteUnlessStar(text: string): string {
  return text === '*' ? text : `\`${text.replaceAll('`', '``')}\``
}

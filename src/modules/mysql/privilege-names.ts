import { describeScope, everywhere, type GrantScope } from '../../state/mysql/grants.ts'

export const grantOption = 'GRANT OPTION'

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

/** Returns the privileges that ALL PRIVILEGES means in a scope on this server. */
export function allOf(scope: GrantScope, known: readonly string[]): string[] {
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

/** Returns the name that the server shows: MariaDB has two names for some privileges. Columns ignore case. */
export function canonical(privilege: string, known: readonly string[]): string {
  const column = privilege.indexOf(' (')
  if (column !== -1) return privilege.slice(0, column) + privilege.slice(column).toLowerCase()
  const other = otherNames[privilege]
  return other !== undefined && !known.includes(privilege) && known.includes(other) ? other : privilege
}

import { defineKind, type Key, type Write } from './key.ts'
import { parseAccount, type MysqlAuthentication, type MysqlTls } from './mysql-account.ts'
import { askSql, type MysqlConnection } from './mysql-client.ts'
import { parseGrants, type Grant } from './mysql-grants.ts'
import { decodeField, sqlAccount, sqlText } from './mysql-sql.ts'
import { lines } from './sections.ts'
import { writesPath } from './writes-path.ts'

export type MysqlQuestion = { readonly connection: MysqlConnection } & (MysqlDatabaseName | MysqlUserName)

interface MysqlDatabaseName {
  readonly about: 'database'
  readonly name: string
}

interface MysqlUserName {
  readonly about: 'user'
  readonly name: string
  readonly host: string
}

/** No server answers: there is no client on the host, or it says why. */
export interface MysqlProblem {
  readonly server: 'absent' | 'down' | 'refused'
  readonly error: string
}

export interface MysqlServer {
  readonly server: 'mariadb' | 'mysql'
  readonly version: string
}

export interface MysqlDatabase extends MysqlServer {
  /** Missing: there is no such database. */
  readonly database?: { readonly characterSet: string; readonly collation: string }
}

export interface MysqlUser extends MysqlServer {
  /** The hosts of all accounts of this name. */
  readonly hosts: readonly string[]
  /** What this server lets one grant at all, in capitals. */
  readonly privileges: readonly string[]
  /** Missing: there is no such account. */
  readonly account?: MysqlAccount
}

export interface MysqlAccount {
  /** Any of them lets the user in. */
  readonly authentication: readonly MysqlAuthentication[]
  readonly tls: MysqlTls
  readonly grants: readonly Grant[]
}

type Answer = MysqlProblem | MysqlDatabase | MysqlUser

/** Databases and accounts of MariaDB and MySQL: one client process for all questions to one server. */
export const mysql = defineKind<MysqlQuestion, Answer>({
  name: 'mysql',
  subject: (question) =>
    question.about === 'database'
      ? `database ${question.name}${at(question.connection)}`
      : `user ${question.name}@${question.host}${at(question.connection)}`,
  read: (questions) =>
    askSql(
      byConnection(questions).map(([connection, group]) => ({
        connection,
        statements: statementsFor(group),
      })),
    ),
  parse(output, questions) {
    const groups = byConnection(questions)
    const parts = splitConnections(output)
    if (parts.length !== groups.length)
      throw new Error(`${parts.length} answers of MySQL clients to ${groups.length} questions`)
    const answers = new Map(groups.map(([connection], index) => [connection, readAnswer(parts[index] ?? [])]))
    return questions.map((question) => {
      const [connection] = groups.find(([, group]) => group.includes(question)) ?? []
      const answer = connection === undefined ? undefined : answers.get(connection)
      if (answer === undefined) throw new Error('a question to MySQL without a connection')
      return answer(question)
    })
  },
  touchedBy: (question, write) => isTouched(question, write),
  possibleAfter: (_question, write, answer) =>
    write.type === 'scope' && write.scope === 'packages' && !isMysqlProblem(answer) ? [answer] : undefined,
})

export function mysqlDatabase(connection: MysqlConnection, name: string): Key<MysqlDatabase | MysqlProblem> {
  return mysql.key({ about: 'database', connection, name })
}

export function mysqlUser(
  connection: MysqlConnection,
  name: string,
  host: string,
): Key<MysqlUser | MysqlProblem> {
  return mysql.key({ about: 'user', connection, name, host }) as Key<MysqlUser | MysqlProblem>
}

export function isMysqlProblem(answer: MysqlProblem | MysqlServer): answer is MysqlProblem {
  return answer.server !== 'mariadb' && answer.server !== 'mysql'
}

function at({ host, port, socket }: MysqlConnection): string {
  const place = host === undefined ? socket : `${host}:${port ?? 3306}`
  return place === undefined ? '' : ` at ${place}`
}

function byConnection(questions: readonly MysqlQuestion[]): [MysqlConnection, MysqlQuestion[]][] {
  const groups = new Map<string, [MysqlConnection, MysqlQuestion[]]>()
  for (const question of questions) {
    const id = JSON.stringify(question.connection)
    const group = groups.get(id) ?? [question.connection, []]
    group[1].push(question)
    groups.set(id, group)
  }
  return [...groups.values()]
}

const isMariadb =
  "(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'global_priv')"

function statementsFor(questions: readonly MysqlQuestion[]): string[] {
  const databases = questions.filter((question) => question.about === 'database')
  const users = questions.filter((question) => question.about === 'user')
  return [
    `SELECT '== server', @@version, ${isMariadb};`,
    ...(databases.length === 0 ? [] : [selectDatabases(databases.map(({ name }) => name))]),
    ...(users.length === 0 ? [] : selectUsers(users)),
  ]
}

function selectDatabases(names: readonly string[]): string {
  return `SELECT '== database', HEX(SCHEMA_NAME), DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME
    FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${names.map(sqlText).join(', ')});`
}

function selectUsers(users: readonly MysqlUserName[]): string[] {
  const from = (table: string): string =>
    `FROM mysql.${table} WHERE User IN (${users.map(({ name }) => sqlText(name)).join(', ')})`
  const accounts = {
    mariadb: `SELECT '== account', HEX(User), HEX(Host), HEX(Priv) ${from('global_priv')}`,
    mysql: `SELECT '== account', HEX(User), HEX(Host), HEX(plugin), HEX(authentication_string),
      HEX(ssl_type), HEX(ssl_cipher), HEX(x509_issuer), HEX(x509_subject) ${from('user')}`,
  }
  return [
    ...execute(`IF(${isMariadb}, ${sqlText(accounts.mariadb)}, ${sqlText(accounts.mysql)})`),
    "SELECT '== privileges';",
    'SHOW PRIVILEGES;',
    ...users.flatMap(({ name, host }) => [
      `SELECT '== grants', HEX(${sqlText(name)}), HEX(${sqlText(host)});`,
      ...execute(
        `IF((SELECT COUNT(*) FROM mysql.user WHERE User = ${sqlText(name)} AND Host = ${sqlText(host)}),
          ${sqlText(`SHOW GRANTS FOR ${sqlAccount(name, host)}`)}, 'DO 0')`,
      ),
    ]),
  ]
}

function execute(statement: string): string[] {
  return [`SET @statement = ${statement};`, 'PREPARE statement FROM @statement;', 'EXECUTE statement;']
}

function splitConnections(output: string): string[][] {
  const parts: string[][] = []
  for (const line of lines(output)) {
    if (line === '== connection') parts.push([])
    else if (parts.length === 0) throw new Error(`output before that of a MySQL client: ${line}`)
    else parts.at(-1)?.push(line)
  }
  return parts
}

/** What the client of one connection printed, as the answer to each question. */
function readAnswer(output: readonly string[]): (question: MysqlQuestion) => Answer {
  const problem = problemIn(output)
  if (problem !== undefined) return () => problem
  const rows = rowsOf(output)
  const [, version = '', mariadb] = rows.find(([tag]) => tag === '== server') ?? []
  if (mariadb === undefined) throw new Error('a MySQL client did not say which server it found')
  const server: MysqlServer = { server: mariadb === '0' ? 'mysql' : 'mariadb', version }
  return (question) =>
    question.about === 'database'
      ? { ...server, ...findDatabase(rows, question.name) }
      : { ...server, ...findUser(rows, question, server.server) }
}

const connectionErrors = new Set(['2002', '2003', '2005', '2006', '2013'])

function problemIn(output: readonly string[]): MysqlProblem | undefined {
  if (output.includes('== absent')) return { server: 'absent', error: 'there is no mariadb or mysql client' }
  const end = output.findIndex((line) => line.startsWith('== end\t'))
  if (end === -1) throw new Error('the output of a MySQL client has no end')
  if (output[end] === '== end\t0') return undefined
  const error = output
    .slice(end + 1)
    .map((line) => line.replace(/^! /, ''))
    .join('\n')
  const number = /^ERROR (\d+)/m.exec(error)?.[1]
  return { server: number !== undefined && connectionErrors.has(number) ? 'down' : 'refused', error }
}

/** Rows by the heading above them: ['== grants', user, host, 'GRANT …']; a heading with columns of its own is one row itself. */
function rowsOf(output: readonly string[]): string[][] {
  const rows: string[][] = []
  let heading: string[] = []
  for (const line of output) {
    if (line.startsWith('== end\t')) return rows
    const fields = line.split('\t').map(decodeField)
    if (line.startsWith('== ')) {
      heading = fields
      rows.push(fields)
    } else rows.push([...heading, ...fields])
  }
  return rows
}

function findDatabase(rows: readonly string[][], name: string): Pick<MysqlDatabase, 'database'> {
  const row = rows.find(([tag, hex]) => tag === '== database' && unhex(hex) === name)
  const [, , characterSet, collation] = row ?? []
  return characterSet === undefined || collation === undefined
    ? {}
    : { database: { characterSet, collation } }
}

function findUser(
  rows: readonly string[][],
  { name, host }: MysqlUserName,
  server: MysqlServer['server'],
): Omit<MysqlUser, keyof MysqlServer> {
  const accounts = rows.filter(([tag, user]) => tag === '== account' && unhex(user) === name)
  const account = accounts.find((row) => unhex(row[2]).toLowerCase() === host.toLowerCase())
  const grants = rows.filter(
    (row) => row[0] === '== grants' && row.length > 3 && unhex(row[1]) === name && unhex(row[2]) === host,
  )
  return {
    hosts: accounts.map((row) => unhex(row[2])),
    privileges: rows
      .filter((row) => row[0] === '== privileges' && row.length > 1)
      .map(([, privilege = '']) => privilege.toUpperCase()),
    ...(account === undefined
      ? {}
      : {
          account: {
            ...parseAccount(server, account.slice(3).map(unhexBytes)),
            grants: parseGrants(grants.map((row) => row.slice(3).join('\t'))),
          },
        }),
  }
}

function unhex(field: string | undefined): string {
  return Buffer.from(field ?? '', 'hex').toString()
}

function unhexBytes(field: string): Buffer {
  return Buffer.from(field, 'hex')
}

/** Option files of clients, and the program itself. */
const clientPaths = ['/etc/mysql', '/etc/my.cnf', '/usr/bin/mariadb', '/usr/bin/mysql']

function isTouched({ connection }: MysqlQuestion, write: Write): boolean {
  if (write.type === 'scope') return true
  // the password of the one who asks
  if (write.kind === 'mysql') return write.subject.startsWith(`user ${connection.user ?? 'root'}@`)
  if (write.kind === 'path')
    return (
      writesPath(
        write,
        connection.configFile === undefined ? clientPaths : [...clientPaths, connection.configFile],
      ) || write.subject.endsWith('/.my.cnf')
    )
  return !['user', 'group', 'glob', 'uri'].includes(write.kind)
}

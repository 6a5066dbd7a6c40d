import { defineKind, type Key, type Write } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'
import { readAnswer, splitConnections } from './mysql/answers.ts'
import { askSql, type MysqlConnection } from './mysql/client.ts'
import { statementsFor } from './mysql/questions.ts'
import type {
  MysqlAnswer,
  MysqlDatabase,
  MysqlProblem,
  MysqlQuestion,
  MysqlServer,
  MysqlUser,
} from './mysql/value.ts'
import type { PackageValue } from './package/value.ts'
import type { UnitValue } from './unit/value.ts'

/** Databases and accounts of MariaDB and MySQL: one client process for all questions to one server. */
export const mysql = defineKind<MysqlQuestion, MysqlAnswer>({
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
  // what is in a database is the server's alone, as long as that runs
  possibleAfter: (_question, write, answer) =>
    !isMysqlProblem(answer) && leavesServerRunning(write) ? [answer] : undefined,
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

/** Option files of clients, and the program itself. */
const clientPaths = ['/etc/mysql', '/etc/my.cnf', '/usr/bin/mariadb', '/usr/bin/mysql']

function leavesServerRunning(write: Write): boolean {
  if (write.type === 'scope') return write.scope !== 'anything'
  if (write.kind === 'package') return (write.value as PackageValue | undefined)?.installed === true
  return write.kind === 'unit' && (write.value as UnitValue | undefined)?.active === 'active'
}

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

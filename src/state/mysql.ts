import type { Key } from './definition/key.ts'
import { defineKind } from './definition/kind.ts'
import { isWriteTo, type Write } from './definition/write.ts'
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

declare module './definition/write.ts' {
  interface KindValues {
    mysql: MysqlAnswer
  }
}

/** Databases and accounts of MariaDB and MySQL. One client process answers all questions to a server. */
export const mysql = defineKind<'mysql', MysqlQuestion>({
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
  livesIn: () => ['/var/lib/mysql'],
  dependsOn: {
    scopes: ['packages', 'services', 'anything'],
    kinds: {
      // The password of the user who connects may change.
      mysql: ({ subject }, { connection }) => subject.startsWith(`user ${connection.user ?? 'root'}@`),
      path: (write, { connection: { configFile } }) =>
        writesPath(write, configFile === undefined ? clientPaths : [...clientPaths, configFile]) ||
        write.subject.endsWith('/.my.cnf'),
      ...{ user: false, group: false, glob: false, uri: false },
    },
    others: true,
  },
  // A database changes only through the server while that runs.
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

/** The paths of the client's option files and programs. */
const clientPaths = ['/etc/mysql', '/etc/my.cnf', '/usr/bin/mariadb', '/usr/bin/mysql']

function leavesServerRunning(write: Write): boolean {
  if (write.type === 'scope') return write.scope !== 'anything'
  if (isWriteTo(write, 'package')) return write.value?.installed === true
  return isWriteTo(write, 'unit') && write.value?.active === 'active'
}

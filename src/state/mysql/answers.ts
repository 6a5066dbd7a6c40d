import { lines } from '../parse/sections.ts'
import { parseAccount } from './account.ts'
import { parseGrants } from './grants.ts'
import { decodeField } from './sql.ts'
import type {
  MysqlAnswer,
  MysqlDatabase,
  MysqlProblem,
  MysqlQuestion,
  MysqlServer,
  MysqlUser,
  MysqlUserName,
} from './value.ts'

/** Splits the output of several clients. */
export function splitConnections(output: string): string[][] {
  const parts: string[][] = []
  for (const line of lines(output)) {
    if (line === '== connection') parts.push([])
    else if (parts.length === 0) throw new Error(`output before that of a MySQL client: ${line}`)
    else parts.at(-1)?.push(line)
  }
  return parts
}

/** Parses the output of the client of one connection. Returns a function that answers a question. */
export function readAnswer(output: readonly string[]): (question: MysqlQuestion) => MysqlAnswer {
  const problem = problemIn(output)
  if (problem !== undefined) return () => problem
  const rows = rowsOf(output)
  const [, version = '', mariadb] = rows.find(([tag]) => tag === '== server') ?? []
  if (mariadb === undefined) throw new Error('the output of a MySQL client lacks the server')
  const server: MysqlServer = { server: mariadb === '0' ? 'mysql' : 'mariadb', version }
  return (question) =>
    question.about === 'database'
      ? { ...server, ...findDatabase(rows, question.name) }
      : { ...server, ...findUser(rows, question, server.server) }
}

const connectionErrors = new Set(['2002', '2003', '2005', '2006', '2013'])

function problemIn(output: readonly string[]): MysqlProblem | undefined {
  if (output.includes('== absent'))
    return { server: 'absent', error: 'no mariadb or mysql client is installed' }
  const end = output.findIndex((line) => line.startsWith('== end\t'))
  if (end === -1) throw new Error('the output of a MySQL client is incomplete')
  if (output[end] === '== end\t0') return undefined
  const error = output
    .slice(end + 1)
    .map((line) => line.replace(/^! /, ''))
    .join('\n')
  const number = /^ERROR (\d+)/m.exec(error)?.[1]
  return { server: number !== undefined && connectionErrors.has(number) ? 'down' : 'refused', error }
}

/** Prepends the last heading to each row: ['== grants', user, host, 'GRANT …']. The headings are rows too. */
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

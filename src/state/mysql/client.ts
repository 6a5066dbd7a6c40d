import { attach, joinScripts, sh, type Argument, type Script } from '../../target/sh.ts'
import { sqlPreamble } from './sql.ts'

/** How to reach a server. What is missing is up to the client and its option files; by default that is the local socket. */
export interface MysqlConnection {
  readonly socket?: string
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  /** Read if it exists, and if there is no password above. */
  readonly configFile?: string
}

/**
 * Defines `mysql_client FILE OPTION…`, which runs the statements in the file and leaves its errors and its code in
 * variables. MariaDB's client shows the statement that failed, between two lines of dashes: that may hold a password.
 */
const definition = sh`
  mysql_program=$(command -v mariadb || command -v mysql) || mysql_program=
  mysql_client() {
    mysql_statements=$1; shift
    mysql_code=0
    { mysql_errors=$("$mysql_program" "$@" --batch --skip-column-names --binary-mode \\
      --default-character-set=utf8mb4 <"$mysql_statements" 2>&1 >&3) || mysql_code=$?; } 3>&1
    mysql_errors=$(printf '%s\\n' "$mysql_errors" | sed '/^--------------$/,/^--------------$/d; /^$/d')
  }
`

/** Runs the statements and ends with the code of the client. */
export function runSql(connection: MysqlConnection, statements: readonly string[]): Script {
  const run = sh`
    mysql_client "$@"
    [ -z "$mysql_errors" ] || printf '%s\\n' "$mysql_errors" >&2
    exit "$mysql_code"
  `
  return joinScripts([definition, withOptions(connection, 'mysql', statements, run)])
}

/**
 * Runs each list of statements through its own client. For each it prints "== connection", what the client printed
 * and "== end" with its code; then its errors, each line after "! ".
 */
export function askSql(
  questions: readonly { readonly connection: MysqlConnection; readonly statements: readonly string[] }[],
): Script {
  const definitionOfAsk = sh`
    mysql_ask() {
      echo '== connection'
      if [ -z "$mysql_program" ]; then echo '== absent'; return; fi
      mysql_client "$@"
      printf '== end\\t%s\\n' "$mysql_code"
      printf '%s\\n' "$mysql_errors" | sed 's/^/! /'
    }
  `
  return joinScripts([
    definition,
    definitionOfAsk,
    ...questions.map(({ connection, statements }, index) =>
      withOptions(connection, `mysql-${index}`, statements, sh`mysql_ask "$@"`),
    ),
  ])
}

function withOptions(
  connection: MysqlConnection,
  name: string,
  statements: readonly string[],
  run: Script,
): Script {
  const sql = attach(`${name}.sql`, [sqlPreamble, ...statements, ''].join('\n'))
  if (connection.password !== undefined) {
    const options = attach(`${name}.cnf`, optionFile(connection))
    return sh`
      set -- ${sql} --defaults-file=${options}
      ${run}
    `
  }
  const { configFile } = connection
  if (configFile === undefined) {
    return sh`
      set -- ${sql} ${options(connection)}
      ${run}
    `
  }
  return sh`
    set -- ${options(connection)}
    if [ -e ${configFile} ]; then set -- --defaults-extra-file=${configFile} "$@"; fi
    set -- ${sql} "$@"
    ${run}
  `
}

function options(connection: MysqlConnection): Argument {
  return settings(connection).map(([name, value]) => `--${name}=${value}`)
}

/** Only this file counts for the client: the user's own option file would override it. */
function optionFile(connection: MysqlConnection): string {
  const all = [...settings(connection), ['password', connection.password ?? ''] as const]
  return ['[client]', ...all.map(([name, value]) => `${name}="${escapeOption(value)}"`), ''].join('\n')
}

function settings({ socket, host, port, user }: MysqlConnection): (readonly [string, string])[] {
  const given: (readonly [string, string | undefined])[] = [
    ['socket', socket],
    ['host', host],
    ['port', port?.toString()],
    ['user', user],
  ]
  return given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

const optionEscapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
  '"': '\\"',
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\n\r\t\\"]/g, (character) => optionEscapes[character] ?? character)
}

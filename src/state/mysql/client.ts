import { attach, joinScripts, sh, type Argument, type Script } from '../../target/sh.ts'
import { sqlPreamble } from './sql.ts'

/** The settings of a connection. Missing ones come from the client's option files; the default is the local socket. */
export interface MysqlConnection {
  readonly socket?: string
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  /** The option file, which is read if it exists and no password is set. */
  readonly configFile?: string
}

/**
 * Defines `mysql_client FILE OPTION…`, which runs the statements in the file and stores its errors and exit code in
 * variables. MariaDB's client prints the failed statement between two lines of dashes. It is removed, because it may
 * contain a password.
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

/** Returns a script that runs the statements and exits with the code of the client. */
export function runSql(connection: MysqlConnection, statements: readonly string[]): Script {
  const run = sh`
    mysql_client "$@"
    [ -z "$mysql_errors" ] || printf '%s\\n' "$mysql_errors" >&2
    exit "$mysql_code"
  `
  return joinScripts([definition, withOptions(connection, 'mysql', statements, run)])
}

/**
 * Returns a script that runs each list of statements in a client of its own. For each client it prints "== connection",
 * the output, "== end" with the exit code, and the errors, each line after "! ".
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

/** Returns the only option file for the client, because the user's own file would override it. */
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

import { sqlAccount, sqlText } from './sql.ts'
import type { MysqlQuestion, MysqlUserName } from './value.ts'

const isMariadb =
  "(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'global_priv')"

/** Returns the statements that answer these questions. Each row of their output names its question. */
export function statementsFor(questions: readonly MysqlQuestion[]): string[] {
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

import type { MysqlLogin } from './account.ts'
import type { MysqlConnection } from './client.ts'
import type { Grant } from './grants.ts'

export type MysqlQuestion = { readonly connection: MysqlConnection } & (MysqlDatabaseName | MysqlUserName)

export interface MysqlDatabaseName {
  readonly about: 'database'
  readonly name: string
}

export interface MysqlUserName {
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

export interface MysqlAccount extends MysqlLogin {
  readonly grants: readonly Grant[]
}

export type MysqlAnswer = MysqlProblem | MysqlDatabase | MysqlUser

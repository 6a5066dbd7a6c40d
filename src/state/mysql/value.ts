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

/** The reason why no server answers: no client on the host, or its error. */
export interface MysqlProblem {
  readonly server: 'absent' | 'down' | 'refused'
  readonly error: string
}

export interface MysqlServer {
  readonly server: 'mariadb' | 'mysql'
  readonly version: string
}

export interface MysqlDatabase extends MysqlServer {
  /** Missing if the database does not exist. */
  readonly database?: { readonly characterSet: string; readonly collation: string }
}

export interface MysqlUser extends MysqlServer {
  /** The hosts of all accounts of this name. */
  readonly hosts: readonly string[]
  /** The privileges that the server supports, in upper case. */
  readonly privileges: readonly string[]
  /** Missing if the account does not exist. */
  readonly account?: MysqlAccount
}

export interface MysqlAccount extends MysqlLogin {
  readonly grants: readonly Grant[]
}

export type MysqlAnswer = MysqlProblem | MysqlDatabase | MysqlUser

import { TaskFailure } from '../errors.ts'
import { mysql, mysqlUser } from '../state/mysql.ts'
import { runSql } from '../state/mysql/client.ts'
import { describeScope } from '../state/mysql/grants.ts'
import { sqlAccount } from '../state/mysql/sql.ts'
import type { MysqlUser } from '../state/mysql/value.ts'
import type { Change } from './definition/change.ts'
import { aliasOf } from './definition/documentation.ts'
import { defineModule, type Step } from './definition/module.ts'
import { authenticationClause, isAuthenticated } from './mysql/authentication.ts'
import { mysqlConnection, requireServer, mysqlLoginSentences } from './mysql/login.ts'
import {
  compareGrants,
  grantStatements,
  unknownPrivileges,
  type GrantDifference,
} from './mysql/privileges.ts'
import { describeTls, requireClause, wantsTls } from './mysql/tls.ts'
import { mysqlUserParams, type MysqlUserParams } from './mysql/user-params.ts'

export const mysqlUserModule = defineModule({
  name: 'mysql_user',
  summary: 'Creates users of MariaDB or MySQL with exactly the given privileges, and drops them.',
  documentation: () => ({
    parameters: {
      ...mysqlLoginSentences,
      name: 'Name of the user.',
      user: aliasOf('name'),
      host: 'Host from which the user connects, as MySQL matches it, e.g. `%` or `10.0.0.%`.',
      host_all:
        'With `state: absent`, drops the user for all hosts; unlike in Ansible, not supported with `present`.',
      state: '`present` creates or updates the user, `absent` drops it.',
      password: 'Password of the user; cannot be combined with `plugin`.',
      encrypted: 'Treats `password` as a hash in the form that the server stores.',
      plugin: 'Authentication plugin, e.g. `unix_socket`.',
      plugin_hash_string: 'Hash of the password in the form that the plugin stores.',
      plugin_auth_string: 'Password for the plugin.',
      update_password: '`always` changes a password that differs, `on_create` sets it only for a new user.',
      priv: 'Privileges as `db.table:PRIVILEGE,PRIVILEGE`, several separated by `/`, or a mapping of scopes to privileges; others are revoked, and without `priv` none are changed.',
      append_privs: 'Adds the privileges in `priv` and revokes none.',
      subtract_privs: 'Revokes the privileges in `priv` and grants none.',
      tls_requires:
        'TLS requirements of the user: `SSL`, `X509`, or `CIPHER`, `ISSUER` and `SUBJECT` with their values; an empty mapping removes them.',
      check_implicit_admin:
        'Accepted for compatibility, without effect: a login over the local socket needs no password.',
      column_case_sensitive: 'Accepted for compatibility, without effect.',
    },
    required: ['name'],
    checkMode:
      'Decided: the server is queried, and passwords are compared by their hashes. Unknown if an earlier task installs or starts the server.',
    example: (print) => `- name: Create the database user of the shop
  mysql_user:
    name: shop
    password: '${print('shop_database_password')}'
    priv: shop.*:SELECT,INSERT,UPDATE,DELETE`,
  }),
  params: mysqlUserParams,
  reads: (given: MysqlUserParams) => ({ user: mysqlUser(mysqlConnection(given), given.name, given.host) }),
  diff({ user }, given) {
    const found = requireServer(user)
    if (given.state === 'absent')
      return hostsToDrop(found, given).map((host) => ({
        field: `state of ${accountName(given.name, host)}`,
        before: 'present',
        after: 'absent',
      }))
    return [
      ...loginChanges(found, given),
      ...privilegeDifferences(found, given).map(({ scope, before, after }) => ({
        field: `privileges on ${describeScope(scope)}`,
        before,
        after,
      })),
    ]
  },
  apply(changes, given, { user }): Step[] {
    const found = requireServer(user)
    const connection = mysqlConnection(given)
    const hosts = given.state === 'absent' ? hostsToDrop(found, given) : [given.host]
    const statements =
      given.state === 'absent'
        ? hosts.map((host) => `DROP USER ${sqlAccount(given.name, host)};`)
        : statementsFor(found, changes, given)
    return [
      {
        script: runSql(connection, statements),
        writes: hosts.map((host) => mysql.write({ about: 'user', connection, name: given.name, host })),
      },
    ]
  },
  result: ({ params: { name }, changes }) => ({
    user: name,
    password_changed: changes.some((change) => change.field === 'password'),
  }),
})

function accountName(name: string, host: string): string {
  return `${name}@${host}`
}

function hostsToDrop({ hosts, account }: MysqlUser, given: MysqlUserParams): readonly string[] {
  if (given.host_all) return hosts
  return account === undefined ? [] : [given.host]
}

function loginChanges({ account }: MysqlUser, given: MysqlUserParams): Change[] {
  const name = accountName(given.name, given.host)
  const { authentication, tls_requires: tls } = given
  const changes: Change[] = []
  if (account === undefined) changes.push({ field: 'state', before: 'absent', after: 'present' })
  const isRight =
    authentication === undefined ||
    (account !== undefined &&
      (given.update_password === 'on_create' ||
        isAuthenticated(account.authentication, authentication, name)))
  if (!isRight)
    changes.push({
      field: 'password',
      before: account === undefined ? null : 'another one',
      after: 'as given',
      secret: true,
    })
  if (tls !== undefined && !(account !== undefined && wantsTls(account.tls, tls)))
    changes.push({
      field: 'tls_requires',
      before: account === undefined ? null : describeTls(account.tls),
      after: describeTls(tls),
    })
  return changes
}

function privilegeDifferences(found: MysqlUser, given: MysqlUserParams): GrantDifference[] {
  if (given.priv === undefined) return []
  const unknown = unknownPrivileges(given.priv, found.privileges)
  if (unknown.length > 0)
    throw new TaskFailure(`${found.server} ${found.version} has no privilege ${unknown.join(', ')}`)
  return compareGrants(found.account?.grants ?? [], given.priv, {
    known: found.privileges,
    append: given.append_privs,
    subtract: given.subtract_privs,
  })
}

function statementsFor(found: MysqlUser, changes: readonly Change[], given: MysqlUserParams): string[] {
  const account = sqlAccount(given.name, given.host)
  const fields = changes.map((change) => change.field)
  const clause =
    fields.includes('password') && given.authentication !== undefined
      ? ` ${authenticationClause(given.authentication, found.server, found.account?.authentication ?? [])}`
      : ''
  return [
    ...(fields.includes('state') ? [`CREATE USER ${account}${clause};`] : []),
    ...(clause !== '' && !fields.includes('state') ? [`ALTER USER ${account}${clause};`] : []),
    ...(given.tls_requires !== undefined && fields.includes('tls_requires')
      ? [`ALTER USER ${account} ${requireClause(given.tls_requires)};`]
      : []),
    ...privilegeDifferences(found, given).flatMap((difference) => grantStatements(difference, account)),
  ]
}

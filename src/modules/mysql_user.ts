import { z } from 'zod'

import { TaskFailure } from '../errors.ts'
import { describeScope, type Grant } from '../state/mysql-grants.ts'
import { mysql, mysqlUser, type MysqlUser } from '../state/mysql.ts'
import { runSql } from '../state/mysql-client.ts'
import { sqlAccount } from '../state/mysql-sql.ts'
import { defineModule, type Change, type Step } from './module.ts'
import { authenticationClause, isAuthenticated, type WantedAuthentication } from './mysql-authentication.ts'
import { mysqlConnection, mysqlLoginParams, requireServer, type MysqlLoginParams } from './mysql-login.ts'
import {
  compareGrants,
  grantStatements,
  parsePrivileges,
  unknownPrivileges,
  type GrantDifference,
} from './mysql-privileges.ts'
import { describeTls, requireClause, tlsParam, wantsTls, type WantedTls } from './mysql-tls.ts'
import { booleanParam, nameParam, textParam } from './parameters.ts'

interface MysqlUserParams extends MysqlLoginParams {
  readonly name: string
  readonly host: string
  readonly host_all: boolean
  readonly state: 'present' | 'absent'
  readonly authentication?: WantedAuthentication | undefined
  readonly update_password: 'always' | 'on_create'
  readonly priv?: readonly Grant[] | undefined
  readonly append_privs: boolean
  readonly subtract_privs: boolean
  readonly tls_requires?: WantedTls | undefined
}

const privilegesParam = z
  .union([z.string(), z.record(z.string(), z.string())])
  .transform((given, context): Grant[] => {
    try {
      return parsePrivileges(given)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })

const params = z
  .strictObject({
    ...mysqlLoginParams,
    name: textParam.optional(),
    user: textParam.optional(),
    host: nameParam.default('localhost'),
    host_all: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    password: textParam.optional(),
    encrypted: booleanParam.default(false),
    plugin: z.string().regex(/^\w+$/, 'not the name of a plugin').optional(),
    plugin_hash_string: textParam.optional(),
    plugin_auth_string: textParam.optional(),
    update_password: z.enum(['always', 'on_create']).default('always'),
    priv: privilegesParam.optional(),
    append_privs: booleanParam.default(false),
    subtract_privs: booleanParam.default(false),
    tls_requires: tlsParam.optional(),
    // a login by the socket needs no password to begin with
    check_implicit_admin: booleanParam.optional(),
    column_case_sensitive: booleanParam.optional(),
  })
  .superRefine((given, context) => {
    const complain = (name: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (given.name === undefined && given.user === undefined) complain('name', 'expected the name of a user')
    if (given.plugin !== undefined && given.password !== undefined)
      complain('plugin', "'password' and 'plugin' exclude each other: a plugin takes plugin_auth_string")
    if (given.append_privs && given.subtract_privs)
      complain('subtract_privs', "'append_privs' and 'subtract_privs' exclude each other")
    if (given.host_all && given.state === 'present')
      complain('host_all', 'is supported with state: absent only; name each host')
  })
  .transform(({ name, user, password, encrypted, plugin, ...given }): MysqlUserParams => {
    return {
      ...given,
      name: name ?? user ?? '',
      authentication: wantedAuthentication({ ...given, password, encrypted, plugin }),
    }
  })

export const mysqlUserModule = defineModule({
  name: 'mysql_user',
  summary: 'Creates users of MariaDB or MySQL, with exactly the rights they need, and drops them.',
  params,
  reads: (given: MysqlUserParams) => ({ user: mysqlUser(mysqlConnection(given), given.name, given.host) }),
  diff({ user }, given) {
    const found = requireServer(user)
    if (given.state === 'absent')
      return doomedHosts(found, given).map((host) => ({
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
    const hosts = given.state === 'absent' ? doomedHosts(found, given) : [given.host]
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

function doomedHosts({ hosts, account }: MysqlUser, given: MysqlUserParams): readonly string[] {
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
  const strangers = unknownPrivileges(given.priv, found.privileges)
  if (strangers.length > 0)
    throw new TaskFailure(`${found.server} ${found.version} knows no privilege ${strangers.join(', ')}`)
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

function wantedAuthentication(given: {
  readonly password?: string | undefined
  readonly encrypted: boolean
  readonly plugin?: string | undefined
  readonly plugin_hash_string?: string | undefined
  readonly plugin_auth_string?: string | undefined
}): WantedAuthentication | undefined {
  const { password, plugin, plugin_hash_string: hash, plugin_auth_string: secret } = given
  if (plugin !== undefined)
    return {
      type: 'plugin',
      plugin,
      ...(hash === undefined ? {} : { hash }),
      ...(secret === undefined ? {} : { password: secret }),
    }
  if (password === undefined) return undefined
  return given.encrypted ? { type: 'hash', hash: password } : { type: 'password', password }
}

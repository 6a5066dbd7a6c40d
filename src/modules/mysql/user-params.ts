import * as z from 'zod'

import { reasonOf } from '../../errors.ts'
import type { Grant } from '../../state/mysql/grants.ts'
import { defined } from '../../text/defined.ts'
import { booleanParam, nameParam, textParam } from '../definition/parameters.ts'
import type { WantedAuthentication } from './authentication.ts'
import { mysqlLoginParams, type MysqlLoginParams } from './login.ts'
import { parsePrivileges } from './privilege-list.ts'
import { tlsParam, type WantedTls } from './tls.ts'

export interface MysqlUserParams extends MysqlLoginParams {
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
      context.addIssue({ code: 'custom', message: reasonOf(error) })
      return z.NEVER
    }
  })

/** The server stores hosts in lower case, and finds only those. */
const hostParam = nameParam.transform((host) => host.toLowerCase())

export const mysqlUserParams = z
  .strictObject({
    ...mysqlLoginParams,
    name: textParam.optional(),
    user: textParam.optional(),
    host: hostParam.default('localhost'),
    host_all: booleanParam.default(false),
    state: z.enum(['present', 'absent']).default('present'),
    password: textParam.optional(),
    encrypted: booleanParam.default(false),
    plugin: z.string().regex(/^\w+$/, 'invalid plugin name').optional(),
    plugin_hash_string: textParam.optional(),
    plugin_auth_string: textParam.optional(),
    update_password: z.enum(['always', 'on_create']).default('always'),
    priv: privilegesParam.optional(),
    append_privs: booleanParam.default(false),
    subtract_privs: booleanParam.default(false),
    tls_requires: tlsParam.optional(),
    // without effect: a login by the socket needs no password
    check_implicit_admin: booleanParam.optional(),
    column_case_sensitive: booleanParam.optional(),
  })
  .superRefine((given, context) => {
    const complain = (name: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (given.name === undefined && given.user === undefined) complain('name', 'expected the name of a user')
    if (given.plugin !== undefined && given.password !== undefined)
      complain('plugin', "'password' and 'plugin' exclude each other: use plugin_auth_string")
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
      ...defined({ hash, password: secret }),
    }
  if (password === undefined) return undefined
  return given.encrypted ? { type: 'hash', hash: password } : { type: 'password', password }
}

import { TaskFailure } from '../../errors.ts'
import type { MysqlAuthentication } from '../../state/mysql/account.ts'
import { sqlText } from '../../state/mysql/sql.ts'
import type { MysqlServer } from '../../state/mysql/value.ts'
import { matchesCachingSha2, nativePasswordHash } from './password.ts'

/** The wanted authentication of a user; missing fields are not changed. */
export type WantedAuthentication =
  | { readonly type: 'password'; readonly password: string }
  /** The hash of a password in the form that the server stores. */
  | { readonly type: 'hash'; readonly hash: string }
  | { readonly type: 'plugin'; readonly plugin: string; readonly hash?: string; readonly password?: string }

const native = 'mysql_native_password'
const cachingSha2 = 'caching_sha2_password'
/** Plugins that authenticate by the operating system and have no password. */
const sockets = ['unix_socket', 'auth_socket']

/** Checks if an account has the wanted authentication. Throws if only the server can compare the password. */
export function isAuthenticated(
  present: readonly MysqlAuthentication[],
  wanted: WantedAuthentication,
  account: string,
): boolean {
  if (wanted.type === 'hash')
    return present.some(({ hash }) => hash.toLowerCase() === wanted.hash.toLowerCase())
  if (wanted.type === 'password')
    return present.map((one) => holdsPassword(one, wanted.password, account)).includes(true)
  return present.some(
    (one) =>
      one.plugin === wanted.plugin &&
      (wanted.hash === undefined || one.hash === wanted.hash) &&
      (wanted.password === undefined || holdsPassword(one, wanted.password, account)),
  )
}

function holdsPassword({ plugin, hash }: MysqlAuthentication, password: string, account: string): boolean {
  if (sockets.includes(plugin)) return false
  if (plugin === native || plugin === '') return hash === nativePasswordHash(password)
  const matches = plugin === cachingSha2 ? matchesCachingSha2(hash, password) : undefined
  if (matches !== undefined) return matches
  throw new TaskFailure(`the password of ${account} cannot be compared: the plugin ${plugin} stores it`, {
    hint: 'use update_password: on_create, or set plugin and plugin_hash_string',
  })
}

/**
 * Returns the clause for CREATE USER and ALTER USER. It keeps a login by the local socket if the server allows both.
 */
export function authenticationClause(
  wanted: WantedAuthentication,
  server: MysqlServer['server'],
  present: readonly MysqlAuthentication[],
): string {
  if (wanted.type === 'plugin') return pluginClause(wanted, server)
  if (server === 'mysql') {
    if (wanted.type === 'hash')
      return `IDENTIFIED WITH ${wanted.hash.startsWith('$A$') ? cachingSha2 : native} AS ${sqlHash(wanted.hash)}`
    // ALTER USER keeps the plugin, and a plugin without passwords would use the password as a name
    const plugin = present.some((one) => sockets.includes(one.plugin)) ? ` WITH ${cachingSha2}` : ''
    return `IDENTIFIED${plugin} BY ${sqlText(wanted.password)}`
  }
  const using = wanted.type === 'password' ? `PASSWORD(${sqlText(wanted.password)})` : sqlText(wanted.hash)
  const passwordWay = `${native} USING ${using}`
  const socket = present.findIndex(({ plugin }) => sockets.includes(plugin))
  if (socket === -1) return `IDENTIFIED VIA ${passwordWay}`
  const ways = [passwordWay, present[socket]?.plugin]
  return `IDENTIFIED VIA ${(socket === 0 ? ways.reverse() : ways).join(' OR ')}`
}

function pluginClause(
  { plugin, hash, password }: Extract<WantedAuthentication, { type: 'plugin' }>,
  server: MysqlServer['server'],
): string {
  if (server === 'mysql') {
    const secret =
      password !== undefined ? ` BY ${sqlText(password)}` : hash === undefined ? '' : ` AS ${sqlHash(hash)}`
    return `IDENTIFIED WITH ${plugin}${secret}`
  }
  const secret =
    password !== undefined
      ? ` USING PASSWORD(${sqlText(password)})`
      : hash === undefined
        ? ''
        : ` USING ${sqlText(hash)}`
  return `IDENTIFIED VIA ${plugin}${secret}`
}

/** Writes a hash as SQL. Those of caching_sha2_password contain arbitrary bytes. */
function sqlHash(hash: string): string {
  return hash.startsWith('$A$') ? `0x${Buffer.from(hash, 'latin1').toString('hex')}` : sqlText(hash)
}

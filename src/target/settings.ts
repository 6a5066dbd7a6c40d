import type { BecomeMethod } from '../become-methods.ts'

/** Asks the user a question. The caller of `openTarget` decides how. */
export type Ask = (question: string, options: { readonly secret: boolean }) => Promise<string>

export interface BecomeSettings {
  readonly user: string
  readonly method: BecomeMethod
  readonly password?: string
}

/** The settings of a connection. Missing ones come from the user's ssh configuration, then from the defaults. */
export interface ConnectionSettings {
  /** The name of the host in the inventory. */
  readonly name: string
  readonly connection: 'ssh' | 'local'
  /** The address, if it differs from the name. */
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly privateKeyFiles?: readonly string[]
  readonly password?: string
  readonly knownHostsFiles?: readonly string[]
  /** The machine to connect through. */
  readonly jump?: ConnectionSettings
  /** The user whose shell is opened together with the login user's. */
  readonly become?: BecomeSettings
  /** The time limit for connecting, in seconds. */
  readonly connectTimeout?: number
  /** If true, the key of an unknown host is added to the first known_hosts file. */
  readonly acceptNewHostKeys?: boolean
  readonly ask?: Ask
}

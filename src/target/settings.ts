/** Asks the person at the terminal; whoever calls `openTarget` decides how. */
export type Ask = (question: string, options: { readonly secret: boolean }) => Promise<string>

export interface BecomeSettings {
  readonly user: string
  readonly method: 'sudo'
  readonly password?: string
}

/** How to reach a machine. What is missing is taken from the user's ssh configuration, then from the defaults. */
export interface ConnectionSettings {
  /** The host as the inventory calls it. */
  readonly name: string
  readonly connection: 'ssh' | 'local'
  /** Where it is, if not under its name. */
  readonly address?: string
  readonly port?: number
  readonly user?: string
  readonly privateKeyFiles?: readonly string[]
  readonly password?: string
  readonly knownHostsFiles?: readonly string[]
  /** The machine to connect through. */
  readonly jump?: ConnectionSettings
  /** Whose shell is opened together with the login user's. */
  readonly become?: BecomeSettings
  /** Seconds. */
  readonly connectTimeout?: number
  /** Writes the key of a host that is not yet known into the first of the known hosts files. */
  readonly acceptNewHostKeys?: boolean
  readonly ask?: Ask
}

import { defaultBecomeMethod } from '../become-methods.ts'
import type { HostVariables } from '../engine/host/host-variables.ts'
import type { ConnectionVariables } from '../inventory/connection-of.ts'
import type { Reach } from '../playbook/playbook.ts'
import type { Machine } from '../sandbox/machine/machine.ts'
import type { Ask, BecomeSettings, ConnectionSettings } from '../target/settings.ts'
import { ConfigAnswers } from '../target/ssh/config-answers.ts'
import type { Target } from '../target/target.ts'
import { defined } from '../text/defined.ts'
import type { Fleet } from './fleet.ts'
import type { ConnectionOptions } from './options.ts'
import { isController } from './rehearsal.ts'

export interface Connecting {
  readonly ask: Ask | undefined
  readonly signal: AbortSignal
  /** Returns true if a task runs as another user on the host: the shell of that user is opened at login. */
  readonly becomes: (host: string) => boolean
  readonly becomePassword: string | undefined
  /** The throw-away machines that replace the hosts: with them, no address of the inventory is used. */
  readonly machines: ReadonlyMap<string, Machine> | undefined
}

/** Returns a function that connects to a host of a fleet, or to the machine that replaces it. */
export function hostConnector(
  fleet: Fleet,
  options: Pick<ConnectionOptions, 'acceptNewHostKeys'>,
  connecting: Connecting,
): (host: string, variables: HostVariables, reach: Reach) => Promise<Target> {
  const { signal } = connecting
  const configAnswers = new ConfigAnswers()
  return async (host, variables, reach) => {
    const { openTarget } = await import('../target/open-target.ts')
    const settings = settingsOf(fleet, options, connecting, host, variables, reach)
    return openTarget(settings, { signal, configAnswers })
  }
}

function settingsOf(
  fleet: Fleet,
  options: Pick<ConnectionOptions, 'acceptNewHostKeys'>,
  { ask, becomes, becomePassword, machines }: Connecting,
  host: string,
  variables: HostVariables,
  reach: Reach,
): ConnectionSettings {
  const connection = fleet.connectionOf(host, variables.scope(), reach)
  const become = becomeSettings(connection, becomePassword)
  const settings = machines === undefined ? connection.settings : rehearsalSettings(host, reach, machines)
  const common = {
    ...settings,
    ...defined({ ask }),
    acceptNewHostKeys: options.acceptNewHostKeys ?? false,
  }
  return becomes(host) || connection.become === true ? { ...common, become } : common
}

/**
 * Returns the settings of `become` on a host.
 * @param password for hosts whose variables have none
 */
export function becomeSettings(
  {
    becomeMethod,
    becomeUser,
    becomePassword,
  }: Pick<ConnectionVariables, 'becomeMethod' | 'becomeUser' | 'becomePassword'>,
  password: string | undefined,
): BecomeSettings {
  return {
    method: becomeMethod ?? defaultBecomeMethod,
    user: becomeUser ?? 'root',
    ...defined({ password: becomePassword ?? password }),
  }
}

function rehearsalSettings(
  host: string,
  reach: Reach,
  machines: ReadonlyMap<string, Machine>,
): ConnectionSettings {
  if (isController(host, reach)) return { name: host, connection: 'local' }
  const machine = machines.get(host)
  if (machine === undefined) throw new Error(`${host}: no throw-away machine`)
  const { address, port, user, privateKeyFile, knownHostsFile } = machine
  return {
    name: host,
    connection: 'ssh',
    address,
    port,
    user,
    privateKeyFiles: [privateKeyFile],
    knownHostsFiles: [knownHostsFile],
  }
}

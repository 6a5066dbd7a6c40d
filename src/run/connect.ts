import { defined } from '../defined.ts'
import type { HostVariables } from '../engine/host/host-variables.ts'
import type { ConnectionVariables } from '../inventory/connection-of.ts'
import type { Reach } from '../playbook/playbook.ts'
import type { Machine } from '../sandbox/machine/machine.ts'
import type { Ask, BecomeSettings, ConnectionSettings } from '../target/settings.ts'
import { ConfigAnswers } from '../target/ssh/config-answers.ts'
import type { Target } from '../target/target.ts'
import type { Fleet } from './fleet.ts'
import type { ConnectionOptions } from './options.ts'
import { isController } from './rehearsal.ts'

export interface Connecting {
  readonly ask: Ask | undefined
  readonly signal: AbortSignal
  /** Whether some task works on the host as another user: that shell is opened with the login. */
  readonly becomes: (host: string) => boolean
  readonly becomePassword: string | undefined
  /** Throw-away machines that take the place of the hosts: no address of the inventory is ever used then. */
  readonly machines: ReadonlyMap<string, Machine> | undefined
}

/** Opens connections to the hosts of a fleet, or to the machines in their place. */
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

/** Returns the settings of sudo on a host. @param password for hosts whose variables have none */
export function becomeSettings(
  { becomeUser, becomePassword }: Pick<ConnectionVariables, 'becomeUser' | 'becomePassword'>,
  password: string | undefined,
): BecomeSettings {
  return { method: 'sudo', user: becomeUser ?? 'root', ...defined({ password: becomePassword ?? password }) }
}

function rehearsalSettings(
  host: string,
  reach: Reach,
  machines: ReadonlyMap<string, Machine>,
): ConnectionSettings {
  if (isController(host, reach)) return { name: host, connection: 'local' }
  const machine = machines.get(host)
  if (machine === undefined) throw new Error(`no machine stands in for ${host}`)
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

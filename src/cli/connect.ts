import type { HostVariables } from '../engine/host/host-variables.ts'
import type { Reach } from '../playbook/playbook.ts'
import type { Machine } from '../sandbox/machine/machine.ts'
import type { Ask, ConnectionSettings } from '../target/settings.ts'
import type { Target } from '../target/target.ts'
import type { Fleet } from './fleet.ts'
import type { ConnectionArguments } from './options/run-options.ts'
import { isController } from './rehearsal.ts'

export interface Connecting {
  readonly ask: Ask
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
  options: Pick<ConnectionArguments, 'acceptNewHostKeys'>,
  connecting: Connecting,
): (host: string, variables: HostVariables, reach: Reach) => Promise<Target> {
  return async (host, variables, reach) => {
    const { openTarget } = await import('../target/open-target.ts')
    return openTarget(settingsOf(fleet, options, connecting, host, variables, reach), connecting)
  }
}

function settingsOf(
  fleet: Fleet,
  options: Pick<ConnectionArguments, 'acceptNewHostKeys'>,
  { ask, becomes, becomePassword, machines }: Connecting,
  host: string,
  variables: HostVariables,
  reach: Reach,
): ConnectionSettings {
  const connection = fleet.connectionOf(host, variables.scope(), reach)
  const password = connection.becomePassword ?? becomePassword
  const become = {
    method: 'sudo' as const,
    user: connection.becomeUser ?? 'root',
    ...(password === undefined ? {} : { password }),
  }
  const settings = machines === undefined ? connection.settings : rehearsalSettings(host, reach, machines)
  const common = { ...settings, ask, acceptNewHostKeys: options.acceptNewHostKeys }
  return becomes(host) || connection.become === true ? { ...common, become } : common
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

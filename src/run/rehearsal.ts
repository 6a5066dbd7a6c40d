import { localNames } from '../inventory/select-hosts.ts'
import type { Play, Reach } from '../playbook/playbook.ts'
import type { Machine } from '../sandbox/machine/machine.ts'
import { defined } from '../text/defined.ts'
import type { RunSurroundings, SandboxOptions } from './options.ts'

/** Returns true for a host that is the controller: a rehearsal does not replace it with a machine. */
export function isController(host: string, { connection }: Reach): boolean {
  return connection === 'local' || localNames.includes(host)
}

/** Returns the hosts of these plays that throw-away machines replace. */
export function rehearsedHosts(plays: ReadonlyMap<Play, readonly string[]>): string[] {
  const names = [...plays].flatMap(([{ reach }, hosts]) => hosts.filter((host) => !isController(host, reach)))
  return [...new Set(names)]
}

/** Returns a throw-away machine for each of these hosts, and starts those that are not running. */
export async function rehearsalMachines(
  hosts: readonly string[],
  options: Pick<SandboxOptions, 'debian' | 'network'> & Pick<RunSurroundings, 'onProgress' | 'signal'>,
): Promise<ReadonlyMap<string, Machine>> {
  const { ensurePrerequisites, find, rehearse } = await import('../sandbox/index.ts')
  const { debian = 'bookworm', network = 'isolated', onProgress = () => undefined, signal } = options
  await ensurePrerequisites(onProgress)
  const present = await Promise.all(hosts.map(find))
  const missing = hosts.filter((_host, index) => present[index] === undefined)
  const fresh = await rehearse(missing, {
    release: debian,
    network,
    onProgress,
    ...defined({ signal }),
  })
  const machines = new Map(
    [...present.flatMap((machine) => (machine === undefined ? [] : [machine])), ...fresh.values()].map(
      (machine) => [machine.name, machine],
    ),
  )
  for (const machine of machines.values()) {
    onProgress(
      `${machine.name} is a throw-away machine at ${machine.address}; remove it with hostwright sandbox down ${machine.name}`,
    )
  }
  return machines
}

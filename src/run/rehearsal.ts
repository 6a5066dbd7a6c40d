import { defined } from '../defined.ts'
import { localNames } from '../inventory/select-hosts.ts'
import type { Play, Reach } from '../playbook/playbook.ts'
import type { Machine } from '../sandbox/machine/machine.ts'
import type { RunSurroundings, SandboxOptions } from './options.ts'

/** What a rehearsal does on the controller, as the real run would: no machine takes its place. */
export function isController(host: string, { connection }: Reach): boolean {
  return connection === 'local' || localNames.includes(host)
}

/** The hosts of these plays that throw-away machines stand in for. */
export function rehearsedHosts(plays: ReadonlyMap<Play, readonly string[]>): string[] {
  const names = [...plays].flatMap(([{ reach }, hosts]) => hosts.filter((host) => !isController(host, reach)))
  return [...new Set(names)]
}

/** A throw-away machine for each of these hosts: those that are up already are taken as they are. */
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
      `${machine.name} is a throw-away machine at ${machine.address}; hostwright sandbox down ${machine.name} removes it`,
    )
  }
  return machines
}

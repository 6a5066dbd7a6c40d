import type { Machine } from '../sandbox/machine.ts'
import type { RunArguments } from './run-options.ts'
import { progressOn } from './sandbox.ts'
import type { Terminal } from './terminal.ts'

/** A throw-away machine for each of these hosts: those that are up already are taken as they are. */
export async function rehearsalMachines(
  hosts: readonly string[],
  { release }: Pick<RunArguments, 'release'>,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, Machine>> {
  const { ensurePrerequisites, find, rehearse } = await import('../sandbox/index.ts')
  const progress = progressOn(terminal)
  await ensurePrerequisites(progress)
  const present = await Promise.all(hosts.map(find))
  const missing = hosts.filter((_host, index) => present[index] === undefined)
  const fresh = await rehearse(missing, { release, onProgress: progress, signal })
  const machines = new Map(
    [...present.flatMap((machine) => (machine === undefined ? [] : [machine])), ...fresh.values()].map(
      (machine) => [machine.name, machine],
    ),
  )
  for (const machine of machines.values()) {
    progress(
      `${machine.name} is a throw-away machine at ${machine.address}; hostwright sandbox down ${machine.name} removes it`,
    )
  }
  return machines
}

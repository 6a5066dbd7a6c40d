import { availableParallelism } from 'node:os'

import { down } from './down.ts'
import type { Machine } from './machine/machine.ts'
import { up, type UpOptions } from './up.ts'

/** Starts one machine for each host of an inventory: all of them, or none. */
export async function rehearse(hosts: readonly string[], options: UpOptions): Promise<Map<string, Machine>> {
  const machines = new Map<string, Machine>()
  const waiting = [...new Set(hosts)]
  const bringUp = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift())
      machines.set(host, await up(host, options))
  }
  const lanes = Array.from({ length: 2 * availableParallelism() }, bringUp)
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected')
  if (failed === undefined) return machines
  await Promise.all([...machines.keys()].map(down))
  throw failed.reason
}

import { InvalidInputError } from '../../errors.ts'
import { isBatchSize } from '../../playbook/keywords/batch-size.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'

/** Renders the batch sizes of a play for its first host. Empty means all hosts at once. */
export function serialOf({ serial }: Play, host: HostRun): (number | string)[] {
  if (serial === undefined) return []
  const rendered = host.variables.scope().render(serial)
  const sizes: unknown[] = Array.isArray(rendered) ? rendered : [rendered]
  return sizes.map((size) => {
    if (isBatchSize(size)) return size
    const message = `serial must be a number of hosts or a percentage, not ${JSON.stringify(size)}`
    throw new InvalidInputError([{ at: serial.at([]), message }])
  })
}

/** Splits hosts into batches of these sizes: numbers or percentages of all hosts (default 100%). The last size repeats. */
export function batchesOf<Host>(hosts: readonly Host[], serial: readonly (number | string)[]): Host[][] {
  const batches: Host[][] = []
  let start = 0
  for (let index = 0; start < hosts.length; index += 1) {
    const size = sizeOf(serial[Math.min(index, serial.length - 1)] ?? hosts.length, hosts.length)
    batches.push(hosts.slice(start, start + size))
    start += size
  }
  return batches
}

function sizeOf(size: number | string, total: number): number {
  const percentage = /^(\d+)%$/.exec(String(size))?.[1]
  const wanted = percentage === undefined ? Number(size) : Math.floor((Number(percentage) * total) / 100)
  return Math.max(1, wanted)
}

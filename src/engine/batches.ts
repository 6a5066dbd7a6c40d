import { UserError } from '../errors.ts'

/** Splits hosts as `serial` says: sizes as numbers or percentages of all hosts; the last one is for all that remain. */
export function batchesOf<Host>(hosts: readonly Host[], serial: readonly (number | string)[]): Host[][] {
  if (serial.length === 0) return [[...hosts]]
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
  const percentage = /^(\d+(?:\.\d+)?)%$/.exec(String(size))?.[1]
  const wanted = percentage === undefined ? Number(size) : Math.floor((Number(percentage) / 100) * total)
  if (!Number.isFinite(wanted)) throw new UserError(`serial: ${size} is neither a number nor a percentage`)
  return Math.max(1, Math.floor(wanted))
}

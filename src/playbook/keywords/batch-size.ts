/** A number of hosts, or a percentage of all of them, as a value of `serial`. */
export function isBatchSize(value: unknown): value is number | string {
  if (typeof value === 'number') return Number.isInteger(value) && value > 0
  return typeof value === 'string' && /^[1-9]\d*%?$/.test(value)
}

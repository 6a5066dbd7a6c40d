import { isPlainObject } from '../../variables/plain.ts'

/** A copy of a value whose texts do not keep the long text in memory from which they were cut. */
export function detached(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value).toString()
  if (Array.isArray(value)) return value.map(detached)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, detached(item)]))
}

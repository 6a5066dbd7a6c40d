import { detachedText } from '../../text/detached-text.ts'
import { isPlainObject } from '../../variables/plain.ts'

/** Returns a copy of a value whose strings are not slices of a long string, which would stay in memory. */
export function detached(value: unknown): unknown {
  if (typeof value === 'string') return detachedText(value)
  if (Array.isArray(value)) return value.map(detached)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, detached(item)]))
}

import { omit } from '../omit.ts'

/** Returns a value as text, for a template. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (value === omit) throw new TypeError("'omit' must be the whole value, not part of a string")
  if (typeof value === 'function') throw new TypeError('a function cannot be printed: call it')
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    throw new TypeError('an object cannot be printed: use one of its properties, or JSON.stringify(…)')
  return value as string
}

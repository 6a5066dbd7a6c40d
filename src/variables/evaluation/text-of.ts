import { omit } from '../omit.ts'

/** A value as it stands in a text. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (value === omit) throw new TypeError("'omit' must be the whole value, it cannot stand in a text")
  if (typeof value === 'function') throw new TypeError('a function cannot stand in a text: call it')
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    throw new TypeError(
      'an object cannot stand in a text: name one of its properties, or write JSON.stringify(…)',
    )
  return value as string
}

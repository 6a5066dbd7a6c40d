import { describePosition, type Position } from '../../errors.ts'
import { nearestName } from '../../text/did-you-mean.ts'
import { UndefinedError } from './expression-error.ts'
import { isPlainObject } from '../plain.ts'

/** Returns a path as JavaScript: "site.hosts[0].name". */
export function describePath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key, index) => {
    const text = String(key)
    if (index === 0) return text
    if (/^\d+$/.test(text)) return `${path}[${text}]`
    return /^[\w$]+$/.test(text) ? `${path}.${text}` : `${path}[${JSON.stringify(text)}]`
  }, '')
}

/** Returns the error for an undefined variable. */
export function undefinedVariable(
  name: string,
  names: Iterable<string>,
  placeOf: (name: string) => Position | undefined,
  at: Position,
  advice?: string,
): UndefinedError {
  return new UndefinedError(`'${name}' is not defined`, at, advice ?? suggestion(name, names, placeOf))
}

/** Returns the error for an undefined property. `keys` is its path, `parent` the value that does not have it. */
export function undefinedProperty(
  keys: readonly PropertyKey[],
  parent: unknown,
  placeOf: (key: string) => Position | undefined,
  at: Position,
): UndefinedError {
  const path = describePath(keys)
  const owner = describePath(keys.slice(0, -1))
  const key = String(keys.at(-1))
  if (isPlainObject(parent)) {
    const names = Object.keys(parent)
    const hint = suggestion(key, names, placeOf, `${owner}.`) ?? `'${owner}' has ${list(names)}`
    return new UndefinedError(`'${path}' is not defined`, at, hint)
  }
  return new UndefinedError(`'${path}' is not defined: '${owner}' is ${kindOf(parent)}`, at)
}

/** Describes a value: "a list of 5 items", "null". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length} ${value.length === 1 ? 'item' : 'items'}`
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function suggestion(
  name: string,
  names: Iterable<string>,
  placeOf: (name: string) => Position | undefined,
  prefix = '',
): string | undefined {
  const nearest = nearestName(name, names)
  if (nearest === undefined) return undefined
  const place = placeOf(nearest)
  const defined = place === undefined ? '' : `, which is defined at ${describePosition(place)}`
  return `did you mean '${prefix}${nearest}'${defined}?`
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'no properties'
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ')
}

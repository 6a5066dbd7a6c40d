import { SecretSource } from '../yaml/secret-source.ts'
import { isLazy } from './lazy-mapping.ts'
import { UnknownValue } from './not-known.ts'
import { omit } from './omit.ts'
import { isPlainObject } from './plain.ts'

/** The keys that lead to a part of a value. */
export type Path = readonly (string | number)[]

/** A part of a value that rendering may replace. */
export type Leaf = string | UnknownValue | SecretSource

/** Returns a copy of a value in which each leaf is replaced, without the parts that are `omit`. */
export function renderDeep(
  value: unknown,
  path: Path,
  replace: (leaf: Leaf, path: Path) => unknown,
): unknown {
  if (typeof value === 'string') return replace(value, path)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value
      .map((item: unknown, index) => renderDeep(item, [...path, index], replace))
      .filter((item) => item !== omit)
  if (value instanceof UnknownValue || value instanceof SecretSource) return replace(value, path)
  if (!isPlainObject(value) || isLazy(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, renderDeep(item, [...path, key], replace)] as const)
      .filter(([, item]) => item !== omit),
  )
}

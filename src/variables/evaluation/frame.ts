import type { Position } from '../../errors.ts'
import { UndefinedError } from './expression-error.ts'
import { whyMissing } from '../lazy-mapping.ts'
import { isPlainObject } from '../plain.ts'
import { undefinedProperty } from './undefined-path.ts'

/** 0: what is missing is an error. 1: it is undefined. A list: so from the keys with these numbers on (`?.`). */
export type ReadMode = 0 | 1 | readonly number[]

/** What a compiled expression may ask of the world around it. */
export interface Surroundings {
  readPath(keys: readonly PropertyKey[], mode: ReadMode, at: () => Position): unknown
  /** Called for code whose result depends on more than the variables. */
  spoil(): void
  include?(path: string, data?: Record<string, unknown>): string
}

/** One evaluation of a compiled expression, which calls it `$`. */
export class Frame {
  /** The offset in the text of what runs now. */
  here = 0
  readonly #surroundings: Surroundings
  readonly #locate: (offset: number) => Position

  constructor(surroundings: Surroundings, locate: (offset: number) => Position) {
    this.#surroundings = surroundings
    this.#locate = locate
  }

  read(keys: readonly PropertyKey[], mode: ReadMode, offset: number): unknown {
    return this.#surroundings.readPath(keys, mode, () => this.#locate(offset))
  }

  /** A property of something that is no variable. */
  get(object: unknown, key: PropertyKey, owner: string, mode: 0 | 1, offset: number): unknown {
    const found = property(object, key)
    if (found !== undefined) return found.value
    if (mode === 1) return undefined
    throw undefinedProperty([owner, key], object, () => undefined, this.#locate(offset))
  }

  /** The default of a name that is taken out of an object and is not there. */
  missing(name: string, offset: number): never {
    throw new UndefinedError(`'${name}' is not defined`, this.#locate(offset))
  }

  readonly fallback = (expression: () => unknown, value: unknown): unknown => {
    try {
      return expression()
    } catch (error) {
      if (error instanceof UndefinedError) return value
      throw error
    }
  }

  include(path: string, data?: Record<string, unknown>): string {
    if (this.#surroundings.include === undefined) throw new TypeError('include() is for template files only')
    return this.#surroundings.include(path, data)
  }
}

/** A property that is there: an own one, or what strings, lists and the like have by nature. */
export function property(object: unknown, key: PropertyKey): { value: unknown } | undefined {
  if (object === undefined || object === null) return undefined
  const boxed = Object(object) as Record<PropertyKey, unknown>
  const present = Object.hasOwn(boxed, key) || (!isPlainObject(object) && key in boxed)
  const reason = present ? undefined : whyMissing(boxed, String(key))
  if (reason !== undefined) throw reason
  return present ? { value: boxed[key] } : undefined
}

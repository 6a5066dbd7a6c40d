import type { Position } from '../../errors.ts'
import { Stopwatch } from './endless-code.ts'
import { UndefinedError } from './expression-error.ts'
import { reasonMissing } from '../lazy-mapping.ts'
import { isPlainObject } from '../plain.ts'
import { operate } from './operate.ts'
import { undefinedProperty } from './undefined-path.ts'

/**
 * The handling of a missing variable or property: 0 throws, 1 returns undefined, and a list returns undefined from the
 * first key with one of these indexes (`?.`).
 */
export type ReadMode = 0 | 1 | readonly number[]

/** The access of compiled code to variables and files. */
export interface Surroundings {
  readPath(keys: readonly PropertyKey[], mode: ReadMode, at: () => Position): unknown
  /** Called for code whose result depends on more than the variables. */
  markUnrepeatable(): void
  include?(path: string, data?: Record<string, unknown>): string
}

/** One evaluation of a compiled expression, in whose code it is `$`. */
export class Frame {
  /** The offset in the text of the statement or tag that is being evaluated. */
  here = 0
  #stopwatch: Stopwatch | undefined
  readonly #surroundings: Surroundings
  readonly #locate: (offset: number) => Position

  constructor(surroundings: Surroundings, locate: (offset: number) => Position) {
    this.#surroundings = surroundings
    this.#locate = locate
  }

  read(keys: readonly PropertyKey[], mode: ReadMode, offset: number): unknown {
    return this.#surroundings.readPath(keys, mode, () => this.#locate(offset))
  }

  /** Returns a property of an object that is not a variable. */
  get(object: unknown, key: PropertyKey, owner: string, mode: 0 | 1, offset: number): unknown {
    const found = property(object, key)
    if (found !== undefined) return found.value
    if (mode === 1) return undefined
    throw undefinedProperty([owner, key], object, () => undefined, this.#locate(offset))
  }

  /** Throws for a destructured name without a default that the object does not have. */
  missing(name: string, offset: number): never {
    throw new UndefinedError(`'${name}' is not defined`, this.#locate(offset))
  }

  readonly operate = operate

  readonly fallback = (expression: () => unknown, value: unknown): unknown => {
    try {
      return expression()
    } catch (error) {
      if (error instanceof UndefinedError) return value
      throw error
    }
  }

  /** Called in every round of a loop and every call of a function. Throws EndlessCode if the code runs for too long. */
  tick(offset: number): void {
    this.#stopwatch ??= new Stopwatch()
    this.#stopwatch.tick(offset)
  }

  include(path: string, data?: Record<string, unknown>): string {
    if (this.#surroundings.include === undefined)
      throw new TypeError('include() works only in template files')
    return this.#surroundings.include(path, data)
  }
}

/** Returns a property that an object has. Inherited ones count only if it is not a plain object. */
export function property(object: unknown, key: PropertyKey): { value: unknown } | undefined {
  if (object === undefined || object === null) return undefined
  const boxed = Object(object) as Record<PropertyKey, unknown>
  const present = Object.hasOwn(boxed, key) || (!isPlainObject(object) && key in boxed)
  const reason = present ? undefined : reasonMissing(boxed, String(key))
  if (reason !== undefined) throw reason
  return present ? { value: boxed[key] } : undefined
}

import type { Options } from 'yargs'

import { UsageError } from '../errors.ts'

/**
 * Throws UsageError where an option is there whose text is not, often a variable of a script that was not set, and where
 * one that takes one text was given several.
 */
export function demandTexts(
  known: Readonly<Record<string, Options>>,
): (given: Readonly<Record<string, unknown>>) => true {
  return (given) => {
    for (const [name, { type, array }] of Object.entries(known)) {
      if (type !== 'string') continue
      const value = given[name]
      const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
      if (texts.includes('')) throw new UsageError(`--${name} needs a value`)
      if (texts.length > 1 && array !== true)
        throw new UsageError(`--${name} takes one value, not ${texts.join(' and ')}`)
    }
    return true
  }
}

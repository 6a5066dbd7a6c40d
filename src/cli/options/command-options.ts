import type { Argv, Options } from 'yargs'

import { UsageError } from '../../errors.ts'

/** Adds options to a command, and checks that each option of type string has exactly one value that is not empty. */
export function takeOptions<Arguments>(
  yargs: Argv,
  options: Readonly<Record<string, Options>>,
): Argv<Arguments> {
  // yargs formats the help of every command that it runs, even if it is not shown: hidden options save this time
  const hidden = Object.entries(options).map(([name, option]) => [name, { ...option, hidden: true }] as const)
  return yargs
    .options(Object.fromEntries(hidden))
    .showHidden('help', 'Show help')
    .check(demandTexts(options)) as unknown as Argv<Arguments>
}

/**
 * Throws UsageError for an option with an empty string, which often comes from an unset variable of a script, and for
 * several values of an option that takes only one.
 */
function demandTexts(
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

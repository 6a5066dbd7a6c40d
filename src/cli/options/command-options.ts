import type { Argv, Options } from 'yargs'

import { UsageError } from '../../errors.ts'

/** Lets a command take options. Each has a text where it needs one, or a UsageError says so. */
export function takeOptions<Arguments>(
  yargs: Argv,
  options: Readonly<Record<string, Options>>,
): Argv<Arguments> {
  // yargs lays out the help of every command that it runs, and nobody sees it: so only --help shows the options.
  const hidden = Object.entries(options).map(([name, option]) => [name, { ...option, hidden: true }] as const)
  return yargs
    .options(Object.fromEntries(hidden))
    .showHidden('help', 'Show help')
    .check(demandTexts(options)) as unknown as Argv<Arguments>
}

/**
 * Throws UsageError where an option is there whose text is not, often a variable of a script that was not set, and where
 * one that takes one text was given several.
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

import type { Options } from 'yargs'

import { UsageError } from '../../errors.ts'
import { connectionOptions, runOptions } from './run-options.ts'

const { check, diff, sandbox, debian, network, output, verbose } = runOptions

/** What every command that works on deployed applications takes. */
export const deployOptions = {
  ...connectionOptions,
  check,
  diff,
  'show-commands': runOptions['show-commands'],
  sandbox,
  debian,
  network,
  output,
  verbose,
} as const satisfies Record<string, Options>

/** Of the commands that take the lock of the deploys. */
export const lockOptions = {
  'lock-wait': {
    type: 'number',
    default: 0,
    describe: 'Seconds to wait for another deploy that holds the lock',
    coerce: (seconds: number) => {
      if (Number.isInteger(seconds) && seconds >= 0) return seconds
      throw new UsageError('--lock-wait takes a number of seconds')
    },
  },
} as const satisfies Record<string, Options>

/** Of the commands that deploy tags on their own. */
export const tagsOption = {
  type: 'string',
  array: true,
  nargs: 1,
  demandOption: true,
  describe: "Which tags, as a pattern: 'v*'",
} as const satisfies Options

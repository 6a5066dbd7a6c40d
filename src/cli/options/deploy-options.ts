import type { Options } from 'yargs'

import { UsageError } from '../../errors.ts'
import { connectionOptions, runOptions } from './run-options.ts'

const { check, diff, sandbox, debian, network, output, verbose } = runOptions

/** The options of every command that runs a deploy playbook. */
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

/** The options of the commands that acquire the deploy lock. */
export const lockOptions = {
  'lock-wait': {
    type: 'number',
    default: 0,
    describe: 'Seconds to wait while another deploy holds the lock',
    coerce: (seconds: number) => {
      if (Number.isInteger(seconds) && seconds >= 0) return seconds
      throw new UsageError('--lock-wait takes a number of seconds')
    },
  },
} as const satisfies Record<string, Options>

/** The option of `watch` and `hook` that selects tags. */
export const tagsOption = {
  type: 'string',
  array: true,
  nargs: 1,
  demandOption: true,
  describe: "Pattern of the tags to deploy, e.g. 'v*'",
} as const satisfies Options

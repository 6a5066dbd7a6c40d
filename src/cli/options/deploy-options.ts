import type { Options } from 'yargs'

import { UsageError } from '../../errors.ts'
import { connectionOptions, runOptions, type ConnectionArguments, type RunArguments } from './run-options.ts'

/** What every command that works on deployed applications takes. */
export type DeployArguments = ConnectionArguments &
  Pick<
    RunArguments,
    'check' | 'diff' | 'showCommands' | 'sandbox' | 'debian' | 'network' | 'output' | 'verbose'
  >

const { check, diff, sandbox, debian, network, output, verbose } = runOptions

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

export interface LockArguments {
  readonly lockWait: number
}

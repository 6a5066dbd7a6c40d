import type { Options } from 'yargs'

import { UsageError } from '../errors.ts'
import { connectionOptions, runOptions, type RunArguments } from './run-options.ts'

/** What every command that works on deployed applications takes. */
export type DeployArguments = Pick<
  RunArguments,
  | 'inventory'
  | 'limit'
  | 'extraVars'
  | 'forks'
  | 'user'
  | 'privateKey'
  | 'connection'
  | 'become'
  | 'askBecomePass'
  | 'acceptNewHostKeys'
  | 'check'
  | 'diff'
  | 'showCommands'
  | 'sandbox'
  | 'release'
  | 'output'
  | 'verbose'
>

const { check, diff, sandbox, release, output, verbose } = runOptions

export const deployOptions = {
  ...connectionOptions,
  check,
  diff,
  'show-commands': runOptions['show-commands'],
  sandbox,
  release,
  output,
  verbose,
} as const satisfies Record<string, Options>

const seconds =
  (name: string) =>
  (value: number): number => {
    if (Number.isInteger(value) && value >= 0) return value
    throw new UsageError(`--${name} takes a number of seconds`)
  }

/** Of the commands that take the lock of the deploys. */
export const lockOptions = {
  'lock-wait': {
    type: 'number',
    default: 0,
    describe: 'Seconds to wait for another deploy that holds the lock',
    coerce: seconds('lock-wait'),
  },
} as const satisfies Record<string, Options>

export interface LockArguments {
  readonly lockWait: number
}

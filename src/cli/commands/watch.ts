import type { Argv, CommandModule } from 'yargs'

import { verbatim } from '../../deploy/deploy-command-line.ts'
import { UsageError } from '../../errors.ts'
import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import type { Terminal } from '../terminal.ts'

export interface WatchArguments {
  readonly repo: string | undefined
  readonly tags: readonly string[]
  readonly interval: number
  readonly once: boolean
  readonly deployNewest: boolean
  readonly keys: string | undefined
  readonly stateFile: string | undefined
}

export const tagsOption = {
  type: 'string',
  array: true,
  nargs: 1,
  demandOption: true,
  describe: "Which tags, as a pattern: 'v*'",
} as const

export const watchOptions = {
  repo: {
    type: 'string',
    describe: 'The git repository, an address or a folder',
    defaultDescription: 'the environment variable HOSTWRIGHT_REPO',
  },
  tags: tagsOption,
  interval: {
    type: 'number',
    default: 30,
    describe: 'Seconds between two looks',
    coerce: (seconds: number) => {
      if (seconds > 0) return seconds
      throw new UsageError('--interval takes a number of seconds')
    },
  },
  once: { type: 'boolean', default: false, describe: 'Look once, for cron' },
  'deploy-newest': {
    type: 'boolean',
    default: false,
    describe: 'At the very first look, deploy the newest of the tags that are there',
  },
  keys: {
    type: 'string',
    describe: 'Only tags signed with one of these keys: an allowed_signers file, or exported GnuPG keys',
  },
  'state-file': {
    type: 'string',
    describe: 'Where it remembers what it has seen; one for each environment',
    defaultDescription: '.hostwright/watch-….json',
  },
} as const

/** `hostwright watch --repo URL --tags 'v*'`. */
export function watchCommand(terminal: Terminal, finish: Finish): CommandModule<object, WatchArguments> {
  return {
    command: 'watch',
    describe: 'Deploy tags as they appear in a repository; options for each deploy follow after --',
    builder: (yargs: Argv) => takeOptions(yargs.parserConfiguration({ 'populate--': true }), watchOptions),
    handler: async (options) => {
      const { watchFromCommandLine } = await import('../watch-tags.ts')
      finish(await watchFromCommandLine(options, verbatim(options), terminal))
    },
  }
}

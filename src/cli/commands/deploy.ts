import type { Argv, CommandModule } from 'yargs'

import type { ReferenceOptions } from '../../deploy/reference.ts'
import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import {
  deployOptions,
  lockOptions,
  type DeployArguments,
  type LockArguments,
} from '../options/deploy-options.ts'
import type { Terminal } from '../terminal.ts'

export interface DeployCommandArguments extends DeployArguments, LockArguments, ReferenceOptions {
  readonly repo: string | undefined
  readonly expect: string | undefined
  readonly force: boolean
  readonly onlyNewer: boolean
  readonly onFailure: 'revert-host' | 'revert-all'
}

const what = 'What to deploy:'

export const deployCommandOptions = {
  tag: { type: 'string', group: what, describe: 'The commit of this tag' },
  branch: { type: 'string', group: what, describe: 'The newest commit of this branch' },
  revision: { type: 'string', group: what, describe: 'The commit of this hash' },
  repo: {
    type: 'string',
    group: what,
    describe: 'The git repository of the code base, an address or a folder',
    defaultDescription: 'the variable app_repository',
  },
  expect: {
    type: 'string',
    group: what,
    describe: 'Refuse when the reference is not this commit',
  },
  'only-newer': {
    type: 'boolean',
    default: false,
    group: what,
    describe: 'Leave a host alone where a tag of a later version is live',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'Deploy also what is live already',
  },
  'on-failure': {
    choices: ['revert-host', 'revert-all'],
    default: 'revert-host',
    describe: 'What goes back to the release before: the host that failed, or all of them',
  },
  ...lockOptions,
  ...deployOptions,
} as const

/** `hostwright deploy --tag v1.2.3`. */
export function deployCommand(
  terminal: Terminal,
  finish: Finish,
): CommandModule<object, DeployCommandArguments> {
  return {
    command: 'deploy',
    describe: 'Show visitors another commit of the application, without losing a request',
    builder: (yargs: Argv) => takeOptions(yargs, deployCommandOptions),
    handler: async (options) => {
      const { deployFromCommandLine } = await import('../../deploy/release.ts')
      finish(await deployFromCommandLine(options, terminal))
    },
  }
}

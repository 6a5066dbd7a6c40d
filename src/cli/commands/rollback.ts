import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import {
  deployOptions,
  lockOptions,
  type DeployArguments,
  type LockArguments,
} from '../options/deploy-options.ts'
import type { Terminal } from '../terminal.ts'

interface RollbackArguments extends DeployArguments, LockArguments {
  readonly to: string | undefined
  readonly force: boolean
}

export const rollbackOptions = {
  to: { type: 'string', describe: 'This release, as hostwright releases lists it' },
  force: { type: 'boolean', default: false, describe: 'Also one that did not work' },
  ...lockOptions,
  ...deployOptions,
} as const

/** `hostwright rollback [--to ID]`. */
export function rollbackCommand(
  terminal: Terminal,
  finish: Finish,
): CommandModule<object, RollbackArguments> {
  return {
    command: 'rollback',
    describe: 'Show visitors the release before again; the database stays as it is',
    builder: (yargs: Argv) => takeOptions(yargs, rollbackOptions),
    handler: async (options) => {
      const { beginDeployRun } = await import('../../deploy/deploy-run.ts')
      const { rollBack } = await import('../../deploy/rollback.ts')
      const run = await beginDeployRun(terminal)
      const purpose = options.to === undefined ? 'rollback' : `rollback to ${options.to}`
      const variables = {
        deploy_to: options.to ?? '',
        deploy_force: options.force,
        deploy_lock_wait: options.lockWait,
      }
      finish(await rollBack(run, purpose, variables, options, terminal))
    },
  }
}

import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import { deployOptions, type DeployArguments } from '../options/deploy-options.ts'
import type { Terminal } from '../terminal.ts'

interface UnlockArguments extends DeployArguments {
  readonly reason: string
}

export const unlockOptions = {
  reason: { type: 'string', demandOption: true, describe: 'Why; it goes into the journal' },
  ...deployOptions,
} as const

/** `hostwright unlock --reason …`. */
export function unlockCommand(terminal: Terminal, finish: Finish): CommandModule<object, UnlockArguments> {
  return {
    command: 'unlock',
    describe: 'Take the lock away from a deploy that is known to be dead',
    builder: (yargs: Argv) => takeOptions(yargs, unlockOptions),
    handler: async (options) => {
      const { beginDeployRun, variablesOfRun } = await import('../../deploy/deploy-run.ts')
      const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
      const run = await beginDeployRun(terminal)
      const variables = { ...variablesOfRun(run, 'unlock'), deploy_reason: options.reason }
      finish(await runDeployPlaybook('unlock', variables, options, terminal))
    },
  }
}

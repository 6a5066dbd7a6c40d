import { deployOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright unlock --reason …`. */
export const unlockCommand = defineCommand({
  name: 'unlock',
  describe: 'Remove the lock of a deploy that is no longer running',
  options: {
    reason: { type: 'string', demandOption: true, describe: 'Reason, for the journal' },
    ...deployOptions,
  },
  run: async (options, terminal) => {
    const { beginDeployRun, variablesOfRun } = await import('../../deploy/deploy-run.ts')
    const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
    const { inTerminal } = await import('../run-in-terminal.ts')
    const folder = terminal.cwd()
    const run = await beginDeployRun(terminal.env, folder)
    const variables = { ...variablesOfRun(run, 'unlock'), deploy_reason: options.reason }
    return inTerminal(options, terminal, (surroundings) =>
      runDeployPlaybook('unlock', variables, { ...options, ...surroundings, folder }),
    )
  },
})

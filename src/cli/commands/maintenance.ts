import { deployOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright maintenance on|off`. */
export const maintenanceCommand = defineCommand({
  name: 'maintenance',
  describe: 'Replace the site with a maintenance page, or restore it',
  positionals: {
    state: { choices: ['on', 'off'], demandOption: true, describe: 'State of the maintenance page' },
  },
  missingArgument: 'no state given: on or off',
  options: deployOptions,
  run: async (options, terminal) => {
    const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
    const { inTerminal } = await import('../run-in-terminal.ts')
    const variables = { deploy_maintenance: options.state === 'on' }
    return inTerminal(options, terminal, (surroundings) =>
      runDeployPlaybook('maintenance', variables, { ...options, ...surroundings, folder: terminal.cwd() }),
    )
  },
})

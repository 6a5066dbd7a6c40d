import { deployOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright maintenance on|off`. */
export const maintenanceCommand = defineCommand({
  name: 'maintenance',
  describe: 'Close the site for visitors, with a page that says so, or open it again',
  positionals: { state: { choices: ['on', 'off'], demandOption: true, describe: 'Closed or open' } },
  question: 'on or off?',
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

import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import { deployOptions, type DeployArguments } from '../options/deploy-options.ts'
import type { Terminal } from '../terminal.ts'

interface MaintenanceArguments extends DeployArguments {
  readonly state: 'on' | 'off'
}

/** `hostwright maintenance on|off`. */
export function maintenanceCommand(
  terminal: Terminal,
  finish: Finish,
): CommandModule<object, MaintenanceArguments> {
  return {
    command: 'maintenance <state>',
    describe: 'Close the site for visitors, with a page that says so, or open it again',
    builder: (yargs: Argv) =>
      takeOptions(
        yargs.positional('state', { choices: ['on', 'off'], demandOption: true, describe: 'Closed or open' }),
        deployOptions,
      ),
    handler: async (options) => {
      const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
      const variables = { deploy_maintenance: options.state === 'on' }
      finish(await runDeployPlaybook('maintenance', variables, options, terminal))
    },
  }
}

import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import { deployOptions, type DeployArguments } from '../options/deploy-options.ts'
import type { Terminal } from '../terminal.ts'

/** `hostwright releases`. */
export function releasesCommand(terminal: Terminal, finish: Finish): CommandModule<object, DeployArguments> {
  return {
    command: 'releases',
    describe: 'List the releases on the hosts, and which one visitors see',
    builder: (yargs: Argv) => takeOptions(yargs, deployOptions),
    handler: async (options) => {
      const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
      const { reporterFor } = await import('../run-playbook.ts')
      const { messagesReporter } = await import('../../report/messages.ts')
      const reporter =
        options.output === 'jsonl' ? reporterFor(options, terminal) : messagesReporter(terminal.stdout)
      finish(await runDeployPlaybook('releases', {}, options, terminal, reporter))
    },
  }
}

import { formats } from '../../report/index.ts'
import { deployOptions } from '../options/deploy-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright releases`. */
export const releasesCommand = defineCommand({
  name: 'releases',
  describe: 'List the releases on the hosts, and which one is live',
  options: deployOptions,
  run: async (options, terminal) => {
    const { runDeployPlaybook } = await import('../../deploy/deploy-playbook.ts')
    const { inTerminal } = await import('../run-in-terminal.ts')
    const { messagesReporter } = await import('../../report/messages.ts')
    const reporter = formats[options.output].isForPrograms ? undefined : messagesReporter(terminal.stdout)
    return inTerminal(
      options,
      terminal,
      (surroundings) =>
        runDeployPlaybook('releases', {}, { ...options, ...surroundings, folder: terminal.cwd() }),
      reporter,
    )
  },
})

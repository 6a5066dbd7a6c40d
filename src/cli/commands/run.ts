import { runOptions } from '../options/run-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright run PLAYBOOK`. */
export const runCommand = defineCommand({
  name: 'run',
  describe: 'Make hosts as a playbook says',
  positionals: { playbook: { type: 'string', demandOption: true, describe: 'The playbook to run' } },
  question: 'which playbook?',
  options: runOptions,
  run: async (options, terminal) => {
    const { runFromCommandLine } = await import('../run-playbook.ts')
    return runFromCommandLine(options, terminal)
  },
})

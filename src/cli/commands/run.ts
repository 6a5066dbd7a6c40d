import { runOptions } from '../options/run-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright run PLAYBOOK`. */
export const runCommand = defineCommand({
  name: 'run',
  describe: 'Run a playbook',
  positionals: { playbook: { type: 'string', demandOption: true, describe: 'Path of the playbook' } },
  missingArgument: 'no playbook given',
  options: runOptions,
  run: async (options, terminal) => {
    const { runFromCommandLine } = await import('../run-playbook.ts')
    return runFromCommandLine(options, terminal)
  },
})

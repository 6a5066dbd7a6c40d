import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import { runOptions, type RunArguments } from '../options/run-options.ts'
import type { Terminal } from '../terminal.ts'

/** `hostwright run PLAYBOOK`. */
export function runCommand(terminal: Terminal, finish: Finish): CommandModule<object, RunArguments> {
  return {
    command: 'run <playbook>',
    describe: 'Make hosts as a playbook says',
    builder: (yargs: Argv) =>
      takeOptions(
        yargs.positional('playbook', { type: 'string', demandOption: true, describe: 'The playbook to run' }),
        runOptions,
      ),
    handler: async (options) => {
      const { runFromCommandLine } = await import('../run-playbook.ts')
      finish(await runFromCommandLine(options, terminal))
    },
  }
}

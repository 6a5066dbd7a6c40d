import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import type { Terminal } from '../terminal.ts'

export interface DocArguments {
  readonly module: string | undefined
  readonly keywords: boolean
  readonly output: 'text' | 'json'
}

export const docOptions = {
  keywords: {
    type: 'boolean',
    default: false,
    describe: 'List the keywords of plays, tasks, blocks and roles',
  },
  output: {
    alias: 'o',
    choices: ['text', 'json'],
    default: 'text',
    describe: 'json: the JSON Schema of the parameters, or without a module that of playbooks',
  },
} as const

/** `hostwright doc [MODULE]`. */
export function docCommand(terminal: Terminal, finish: Finish): CommandModule<object, DocArguments> {
  return {
    command: 'doc [module]',
    describe: 'List the modules, or show the parameters of one',
    builder: (yargs: Argv) =>
      takeOptions(
        yargs.positional('module', { type: 'string', describe: 'Name of a module, e.g. copy' }),
        docOptions,
      ),
    handler: async (options) => {
      const { printReference } = await import('../print-reference.ts')
      finish(printReference(options, terminal))
    },
  }
}

import type { Argv, CommandModule } from 'yargs'

import type { Finish } from './finish.ts'
import { demandTexts } from './given-texts.ts'
import { connectionOptions, type ConnectionArguments } from './run-options.ts'
import type { Terminal } from './terminal.ts'

export type PingArguments = ConnectionArguments & { readonly pattern: string }

/** `hostwright ping [PATTERN]`. */
export function pingCommand(terminal: Terminal, finish: Finish): CommandModule<object, PingArguments> {
  return {
    command: 'ping [pattern]',
    describe: 'Log in to hosts, run nothing, and say how long that took',
    builder: (yargs: Argv) =>
      yargs
        .positional('pattern', { type: 'string', default: 'all', describe: 'Which hosts' })
        .options(connectionOptions)
        .check(demandTexts(connectionOptions)) as unknown as Argv<PingArguments>,
    handler: async (options) => {
      const { pingHosts } = await import('./ping-hosts.ts')
      finish(await pingHosts(options, terminal))
    },
  }
}

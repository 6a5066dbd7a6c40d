import type { Argv, CommandModule } from 'yargs'

import type { Finish } from '../finish.ts'
import { takeOptions } from '../options/command-options.ts'
import { connectionOptions, type ConnectionArguments } from '../options/run-options.ts'
import type { Terminal } from '../terminal.ts'

export type PingArguments = ConnectionArguments & { readonly pattern: string }

/** `hostwright ping [PATTERN]`. */
export function pingCommand(terminal: Terminal, finish: Finish): CommandModule<object, PingArguments> {
  return {
    command: 'ping [pattern]',
    describe: 'Log in to hosts, run nothing, and say how long that took',
    builder: (yargs: Argv) =>
      takeOptions(
        yargs.positional('pattern', { type: 'string', default: 'all', describe: 'Which hosts' }),
        connectionOptions,
      ),
    handler: async (options) => {
      const { pingHosts } = await import('../ping-hosts.ts')
      finish(await pingHosts(options, terminal))
    },
  }
}

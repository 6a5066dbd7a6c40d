import { connectionOptions } from '../options/run-options.ts'
import { defineCommand } from './define-command.ts'

/** `hostwright ping [PATTERN]`. */
export const pingCommand = defineCommand({
  name: 'ping',
  describe: 'Log in to hosts and print how long it took',
  positionals: { pattern: { type: 'string', default: 'all', describe: 'Host pattern' } },
  options: connectionOptions,
  run: async (options, terminal) => {
    const { pingHosts } = await import('../ping-hosts.ts')
    return pingHosts(options, terminal)
  },
})

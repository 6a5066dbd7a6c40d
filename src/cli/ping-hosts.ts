import pLimit from 'p-limit'

import { ExitCode, UserError } from '../errors.ts'
import { styled } from '../report/style.ts'
import { becomeSettings } from '../run/connect.ts'
import { Fleet } from '../run/fleet.ts'
import { openTarget } from '../target/open-target.ts'
import { ConfigAnswers } from '../target/ssh/config-answers.ts'
import { defined } from '../text/defined.ts'
import { interruptible } from './interruption.ts'
import type { ConnectionArguments } from './options/run-options.ts'
import { terminalPrompt } from './prompt.ts'
import type { Terminal } from './terminal.ts'

type PingArguments = ConnectionArguments & { readonly pattern: string }

/** Logs in to every host of the pattern, and prints how long it took or why it failed. */
export async function pingHosts(options: PingArguments, terminal: Terminal): Promise<ExitCode> {
  const { secrets } = terminal
  const fleet = Fleet.load(options, { playbookDir: terminal.cwd(), secrets, check: false, diff: false })
  const hosts = fleet.select(options.pattern)
  const ask = terminalPrompt(terminal)
  const limit = pLimit(options.forks)
  const configAnswers = new ConfigAnswers()
  const widest = Math.max(...hosts.map((host) => host.length))
  return interruptible(terminal, async (signal) => {
    const password = options.askBecomePass ? await ask('sudo password: ', { secret: true }) : undefined
    const reached = await Promise.all(
      hosts.map((host) =>
        limit(async () => {
          try {
            const line = await ping(host)
            terminal.stdout.print([styled('green', host.padEnd(widest)), `  ${line}`])
            return true
          } catch (error) {
            if (!(error instanceof UserError)) throw error
            const hint = error.hint === undefined ? [] : [`  ${error.hint}`]
            const message = error.message.replace(`${host}: `, '')
            terminal.stdout.print([styled('red', host.padEnd(widest)), `  ${message}`], ...hint)
            return false
          }
        }),
      ),
    )
    return reached.every(Boolean) ? ExitCode.done : ExitCode.unreachable

    async function ping(host: string): Promise<string> {
      const connection = fleet.connectionOf(host)
      const become = connection.become === true ? becomeSettings(connection, password) : undefined
      const { acceptNewHostKeys } = options
      const target = await openTarget(
        { ...connection.settings, ask, acceptNewHostKeys, ...defined({ become }) },
        { signal, configAnswers },
      )
      const { loginMilliseconds } = target.statistics()
      await target.close()
      const as = become === undefined ? target.user : `${target.user}, then ${become.user}`
      return `logged in as ${as} in ${Math.round(loginMilliseconds)} ms`
    }
  })
}

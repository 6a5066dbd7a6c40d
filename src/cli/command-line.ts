import { readFileSync } from 'node:fs'
import yargs from 'yargs'

import { ExitCode } from '../errors.ts'
import { Secrets } from '../variables/secrets/secrets.ts'
import { Breakdown } from './breakdown/breakdown.ts'
import { commandModule } from './command-parser.ts'
import { commands } from './commands/index.ts'
import { describeError } from './describe-error.ts'
import { terminalOf, type CommandProcess, type Terminal } from './terminal.ts'
import { wrongUsage } from './wrong-usage.ts'

/** Runs one command, prints its errors and returns its exit code. */
export async function runCommandLine(argv: readonly string[], process: CommandProcess): Promise<ExitCode> {
  const breakdown = new Breakdown()
  // Node.js would print uncaught errors without masking secrets, and exit without closing the hosts
  process.on('uncaughtException', (error) => {
    breakdown.report(error)
  })
  const terminal = terminalOf(process, new Secrets(), breakdown)
  let exitCode: ExitCode = ExitCode.done
  const parser = yargs()
    .scriptName('hostwright')
    .usage('$0 <command>\n\nConfigures servers over SSH from playbooks, and deploys to them.')
    .command(
      Object.values(commands).map((command) =>
        commandModule(command, terminal, (code) => {
          exitCode = code
        }),
      ),
    )
    .demandCommand(1, 'no command given')
    .strict()
    .detectLocale(false)
    .wrap(widthOfHelp(argv, terminal))
    .help()
    .alias('h', 'help')
    .version(version())
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error === undefined || error.name === 'YError'
        ? wrongUsage(message ?? error?.message ?? '', argv)
        : error
    })
  try {
    const run = parser.parseAsync([...argv], {}, (_error: unknown, _arguments: unknown, help: string) => {
      if (help !== '') terminal.stdout.print(withoutNoise(help))
    })
    await Promise.race([run, breakdown.over()])
    await terminal.flush()
    breakdown.signal.throwIfAborted()
    return exitCode
  } catch (thrown) {
    const error: unknown = breakdown.signal.aborted ? breakdown.signal.reason : thrown
    const { lines, exitCode } = describeError(error)
    terminal.stderr.printAll(lines)
    await terminal.flush()
    return exitCode
  }
}

function widthOfHelp(argv: readonly string[], { stdout }: Terminal): number | null {
  if (!argv.includes('--help') && !argv.includes('-h')) return null
  return Math.min(110, stdout.isTerminal ? stdout.columns : 80)
}

/** Removes the types of options, the default of flags, and the flags that `--no-…` describes. */
function withoutNoise(help: string): string {
  return help
    .replaceAll(/^ +--\w+ +\[boolean\] \[default: true\]\n/gm, '')
    .replaceAll(/\s+\[(?:boolean|count)\](?: \[default: false\])?/g, '')
    .replaceAll(/ ?\[(?:string|array|number)\]/g, '')
    .replaceAll(/ +$/gm, '')
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

import yargs from 'yargs'

import { ExitCode, UsageError } from '../errors.ts'
import { describeError } from './describe-error.ts'
import { pingCommand } from './ping.ts'
import { runCommand } from './run.ts'
import { sandboxCommand } from './sandbox.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command. Returns the exit code; everything that goes wrong was printed. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.done
  const finish = (code: ExitCode): void => {
    exitCode = code
  }
  const parser = yargs([...argv])
    .scriptName('hostwright')
    .usage('$0 <command>\n\nConfigures servers over SSH from playbooks, and deploys to them.')
    .command(runCommand(terminal, finish))
    .command(pingCommand(terminal, finish))
    .command(sandboxCommand(terminal, finish))
    .demandCommand(1, 'name a command')
    .strict()
    .wrap(widthOfHelp(argv, terminal))
    .help()
    .alias('h', 'help')
    .version()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? 'wrong usage', 'hostwright --help lists the commands')
    })
  try {
    await parser.parseAsync()
    return exitCode
  } catch (error) {
    const described = describeError(error, terminal)
    terminal.stderr.write(`${described.text}\n`)
    return described.exitCode
  }
}

// yargs lays out the help of every command that it runs, which takes tens of milliseconds when lines are wrapped.
function widthOfHelp(argv: readonly string[], { stdout }: Terminal): number | null {
  if (!argv.includes('--help') && !argv.includes('-h')) return null
  return Math.min(110, stdout.isTTY ? stdout.columns : 80)
}

import type { RunSummary } from '../engine/run-summary.ts'
import { ExitCode, InvalidInputError } from '../errors.ts'
import type { Play, Playbook } from '../playbook/playbook.ts'
import { nodesIn } from '../playbook/select/nodes.ts'
import { formats } from '../report/index.ts'
import { prepareRun } from '../run/prepare.ts'
import type { PreparedRun } from '../run/prepared-run.ts'
import { problemsWithoutHost } from '../run/problems.ts'
import { check, run } from '../run/run.ts'
import { listHosts, listTasks } from './listing.ts'
import type { RunArguments } from './options/run-options.ts'
import { inTerminal } from './run-in-terminal.ts'
import type { Terminal } from './terminal.ts'

/** Runs `hostwright run`. Throws UserError for all errors that are found before the first connection. */
export async function runFromCommandLine(options: RunArguments, terminal: Terminal): Promise<ExitCode> {
  if (options.listHosts || options.listTasks || options.syntaxCheck) return inspect(options, terminal)
  const summary = await inTerminal(options, terminal, (surroundings) =>
    (options.check ? check : run)({ ...options, ...surroundings }),
  )
  return exitCodeOf(summary, options)
}

function exitCodeOf({ exitCode, changed }: RunSummary, options: RunArguments): ExitCode {
  const pending = options.detailedExitcode && options.check && changed
  return pending && exitCode === ExitCode.done ? ExitCode.changesPending : exitCode
}

/** Handles the options that need no connection. */
function inspect(options: RunArguments, terminal: Terminal): ExitCode {
  const { secrets, stdout, stderr } = terminal
  if (options.syntaxCheck) secrets.startDryRun()
  const prepared = prepareRun({ ...options, secrets })
  if (options.listHosts) stdout.printAll(listHosts(prepared.hosts))
  else if (options.listTasks) stdout.printAll(listTasks(prepared.playbook))
  else (formats[options.output].isForPrograms ? stderr : stdout).print(checkSyntax(prepared))
  return ExitCode.done
}

function checkSyntax(prepared: PreparedRun): string {
  const problems = problemsWithoutHost(prepared)
  if (problems.length > 0) throw new InvalidInputError(problems)
  return successMessage(prepared.playbook, prepared.hosts)
}

function successMessage(playbook: Playbook, hosts: ReadonlyMap<Play, readonly string[]>): string {
  const tasks = playbook.plays.flatMap((play) => [...nodesIn(play.sections.flat()), ...play.handlers])
  const counted = [
    count(playbook.plays.length, 'play'),
    count(tasks.filter(({ type }) => type === 'task').length, 'task'),
    count(new Set([...hosts.values()].flat()).size, 'host'),
  ]
  return `no errors found without connecting to a host: ${counted.join(', ')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

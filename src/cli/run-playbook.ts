import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { problemsIn, runPlaybook } from '../engine/run.ts'
import { type Diagnostic, ExitCode, InvalidInputError, NothingMatchedError } from '../errors.ts'
import { byPlace } from '../playbook/document/diagnostics.ts'
import { type LoadedPlaybook, readPlaybooks } from '../playbook/load-playbook.ts'
import type { Play, Playbook } from '../playbook/playbook.ts'
import { nodesIn } from '../playbook/select/nodes.ts'
import { selectNodes } from '../playbook/select/selection.ts'
import { jsonLinesReporter } from '../report/json-lines.ts'
import type { Reporter } from '../report/reporter.ts'
import { textReporter } from '../report/text.ts'
import { hostConnector } from '../run/connect.ts'
import { Fleet } from '../run/fleet.ts'
import { rehearsalMachines, rehearsedHosts } from '../run/rehearsal.ts'
import { interruptible } from './interruption.ts'
import { listHosts, listTasks } from './listing.ts'
import type { RunArguments } from './options/run-options.ts'
import { terminalPrompt } from './prompt.ts'
import type { Terminal } from './terminal.ts'

/** Additions of a command that runs a playbook for its own purpose, such as `deploy`. */
export interface RunContext {
  readonly reporter?: Reporter
  /** Variables that win over all others. Their text is data: no part of it is evaluated. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/** The whole of `hostwright run`. Throws UserError for everything that is wrong before the first connection. */
export async function runFromCommandLine(
  options: RunArguments,
  terminal: Terminal,
  { reporter = reporterFor(options, terminal), variables = {} }: RunContext = {},
): Promise<ExitCode> {
  const file = playbookFile(options.playbook)
  const { secrets } = terminal
  if (options.check || options.syntaxCheck) secrets.startDryRun()
  const fleet = Fleet.load(options, {
    playbookDir: dirname(file),
    secrets,
    check: options.check,
    diff: options.diff,
    given: variables,
  })
  const loaded = readPlaybooks(file, {
    variables: fleet.variableNames(),
    mayBeVariable: (name) => fleet.mayBeVariable(name),
  })
  throwProblems(loaded, fleet)
  const playbook = select(loaded.playbook, options)
  const { hosts } = fleet.hostsOf(playbook.plays)
  demandHosts(hosts, fleet)

  if (options.listHosts) return print(terminal, listHosts(hosts))
  if (options.listTasks) return print(terminal, listTasks(playbook))

  if (options.syntaxCheck) {
    const problems = problemsIn({
      playbook,
      hosts,
      registered: loaded.registered,
      variablesOf: (host) => fleet.variablesOf(host),
    })
    if (problems.length > 0) throw new InvalidInputError(problems)
    const where = options.output === 'jsonl' ? terminal.stderr : terminal.stdout
    where.print(nothingWrong(playbook, hosts))
    return ExitCode.done
  }

  const ask = terminalPrompt(terminal, (asking) => reporter.quietly(asking))
  try {
    return await interruptible(terminal, async (signal) => {
      const becomePassword = options.askBecomePass
        ? await ask('sudo password: ', { secret: true })
        : undefined
      const machines = options.sandbox
        ? await rehearsalMachines(rehearsedHosts(hosts), options, { terminal, signal })
        : undefined
      const summary = await runPlaybook({
        playbook,
        hosts,
        variablesOf: (host) => fleet.variablesOf(host),
        connect: hostConnector(fleet, options, {
          ask,
          signal,
          becomes: (host) => becomes(host, hosts),
          becomePassword,
          machines,
        }),
        check: options.check,
        forks: options.forks,
        lookAhead: options.lookahead,
        showCommands: options.showCommands,
        forceHandlers: options.forceHandlers,
        secrets,
        signal,
        listener: (event) => {
          reporter.handle(event)
        },
      })
      const pending = options.detailedExitcode && options.check && summary.changed
      return pending && summary.exitCode === ExitCode.done ? ExitCode.changesPending : summary.exitCode
    })
  } finally {
    reporter.end()
  }
}

function nothingWrong(playbook: Playbook, hosts: ReadonlyMap<Play, readonly string[]>): string {
  const tasks = playbook.plays.flatMap((play) => [...nodesIn(play.sections.flat()), ...play.handlers])
  const counted = [
    count(playbook.plays.length, 'play'),
    count(tasks.filter(({ type }) => type === 'task').length, 'task'),
    count(new Set([...hosts.values()].flat()).size, 'host'),
  ]
  return `nothing is wrong as far as that can be told without a host: ${counted.join(', ')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function playbookFile(name: string): string {
  if (existsSync(name)) return name
  throw new NothingMatchedError(`there is no playbook ${name}`, `looked in ${resolve('.')}`)
}

function select(playbook: Playbook, options: RunArguments): Playbook {
  return selectNodes(playbook, {
    tags: options.tags.flatMap(byComma),
    skipTags: options.skipTags.flatMap(byComma),
    ...(options.startAtTask === undefined ? {} : { startAtTask: options.startAtTask }),
  })
}

function byComma(text: string): string[] {
  return text.split(',').filter((part) => part !== '')
}

/** What is wrong in the playbook and with the hosts of its plays, all at once. */
function throwProblems(loaded: LoadedPlaybook, fleet: Fleet): void {
  const { playbook, problems, hasGaps, registered } = loaded
  const { hosts, unmatched } = fleet.hostsOf(playbook.plays)
  if (problems.length === 0 && unmatched.length === 0) return
  const told = new Set([...problems, ...unmatched].map(lineOf))
  // What is missing makes everything wrong that needs it.
  const others = hasGaps
    ? []
    : problemsIn({ playbook, hosts, registered, variablesOf: (host) => fleet.variablesOf(host) })
  const fresh = others.filter((problem) => !told.has(lineOf(problem)))
  const all = [...problems, ...unmatched, ...fresh].sort(byPlace)
  const isInvalid = problems.length + fresh.length > 0
  throw new InvalidInputError(all, isInvalid ? ExitCode.invalidInput : ExitCode.nothingMatched)
}

function lineOf({ at }: Diagnostic): string {
  return `${at.file}:${at.line}`
}

/** A limit may leave out plays, but not all of them. */
function demandHosts(hosts: ReadonlyMap<Play, readonly string[]>, fleet: Fleet): void {
  const within = fleet.withinLimit()
  if ([...hosts.values()].flat().some((name) => within?.has(name) ?? true)) return
  const empty = [...hosts].filter(([, names]) => names.length === 0)
  for (const [play] of [...empty, ...hosts]) fleet.select(play.hosts)
}

function becomes(host: string, plays: ReadonlyMap<Play, readonly string[]>): boolean {
  const own = [...plays].flatMap(([play, hosts]) => (hosts.includes(host) ? [play] : []))
  const nodes = own.flatMap((play) => [...nodesIn(play.sections.flat()), ...play.handlers])
  return nodes.some(({ keywords: { become } }) => become !== undefined && become !== false)
}

/** What the person who runs it gets to see. */
export function reporterFor(
  options: Pick<RunArguments, 'output' | 'diff' | 'verbose'>,
  terminal: Terminal,
): Reporter {
  if (options.output === 'jsonl') return jsonLinesReporter(terminal.stdout)
  return textReporter(terminal.stdout, {
    diff: options.diff,
    verbosity: options.verbose,
  })
}

function print(terminal: Terminal, lines: readonly string[]): ExitCode {
  terminal.stdout.printAll(lines)
  return ExitCode.done
}

import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import { runPlaybook } from '../engine/run.ts'
import { ExitCode, NothingMatchedError } from '../errors.ts'
import { loadPlaybook } from '../playbook/load-playbook.ts'
import type { Play, Playbook } from '../playbook/playbook.ts'
import { selectNodes } from '../playbook/selection.ts'
import { nodesIn } from '../playbook/walk.ts'
import { jsonLinesReporter } from '../report/json-lines.ts'
import type { Reporter } from '../report/reporter.ts'
import { paintFor } from '../report/style.ts'
import { textReporter } from '../report/text.ts'
import { Secrets } from '../variables/secrets.ts'
import { hostConnector } from './connect.ts'
import { Fleet } from './fleet.ts'
import { interruptible } from './interruption.ts'
import { listHosts, listTasks } from './listing.ts'
import { terminalPrompt } from './prompt.ts'
import type { RunArguments } from './run-options.ts'
import { rehearsalMachines } from './rehearsal.ts'
import type { Terminal } from './terminal.ts'

/** The whole of `hostwright run`. Throws UserError for everything that is wrong before the first connection. */
export async function runFromCommandLine(options: RunArguments, terminal: Terminal): Promise<ExitCode> {
  const file = playbookFile(options.playbook)
  const secrets = new Secrets({ dryRun: options.check || options.syntaxCheck })
  const fleet = Fleet.load(options, {
    playbookDir: dirname(file),
    secrets,
    check: options.check,
    diff: options.diff,
  })
  const playbook = select(loadPlaybook(file, { variables: fleet.variableNames() }), options)
  const hosts = hostsOfPlays(playbook, fleet)

  if (options.listHosts) return print(terminal, listHosts(hosts))
  if (options.listTasks) return print(terminal, listTasks(playbook))

  const reporter = reporterFor(options, terminal)
  const ask = terminalPrompt(terminal, (asking) => reporter.quietly(asking))
  try {
    return await interruptible(terminal, async (signal) => {
      const becomePassword = options.askBecomePass
        ? await ask('sudo password: ', { secret: true })
        : undefined
      if (becomePassword !== undefined) secrets.add(becomePassword)
      const names = [...new Set([...hosts.values()].flat())]
      const machines = options.sandbox
        ? await rehearsalMachines(names, options, { terminal, signal })
        : undefined
      const summary = await runPlaybook({
        playbook,
        hosts,
        variablesOf: (host) => fleet.variablesOf(host),
        connect: hostConnector(fleet, options, {
          ask,
          signal,
          becomes: becomes(playbook),
          becomePassword,
          machines,
        }),
        syntaxOnly: options.syntaxCheck,
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

function hostsOfPlays(playbook: Playbook, fleet: Fleet): Map<Play, string[]> {
  return new Map(playbook.plays.map((play) => [play, fleet.select(play.hosts, play.hostsAt)]))
}

function becomes(playbook: Playbook): boolean {
  const nodes = playbook.plays.flatMap((play) => [...nodesIn(play.sections.flat()), ...play.handlers])
  return nodes.some(({ keywords: { become } }) => become !== undefined && become !== false)
}

function reporterFor(options: RunArguments, terminal: Terminal): Reporter {
  if (options.output === 'jsonl') return jsonLinesReporter(terminal.stdout)
  return textReporter(terminal.stdout, {
    paint: paintFor(terminal.stdout, terminal.env),
    diff: options.diff,
    verbosity: options.verbose,
  })
}

function print(terminal: Terminal, lines: readonly string[]): ExitCode {
  terminal.stdout.write(lines.map((line) => `${line}\n`).join(''))
  return ExitCode.done
}

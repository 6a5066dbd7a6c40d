import { setMaxListeners } from 'node:events'

import { runPlaybook } from '../engine/run.ts'
import type { RunSummary } from '../engine/run-summary.ts'
import { ExitCode, UserError } from '../errors.ts'
import type { Play } from '../playbook/playbook.ts'
import { nodesIn } from '../playbook/select/nodes.ts'
import { Secrets } from '../variables/secrets/secrets.ts'
import { hostConnector } from './connect.ts'
import type { RunOptions } from './options.ts'
import { prepareRun, type PrepareOptions } from './prepare.ts'
import { rehearsalMachines, rehearsedHosts } from './rehearsal.ts'

/**
 * Runs a playbook. Resolves with the exit code of the run, even if a task failed, a host was unreachable or the signal
 * stopped the run. Throws UserError for all errors that are found before the first connection.
 */
export function run(options: RunOptions): Promise<RunSummary> {
  return perform(options, false)
}

/** Performs a dry run of a playbook: the events report what would change, and nothing is changed. */
export function check(options: RunOptions): Promise<RunSummary> {
  return perform(options, true)
}

async function perform(options: RunOptions, isDry: boolean): Promise<RunSummary> {
  const { secrets = new Secrets(), signal = new AbortController().signal } = options
  // each host adds a listener, and Node.js warns of a leak if there are more than ten
  setMaxListeners(0, signal)
  try {
    return await performPrepared({ ...options, check: isDry, secrets, signal })
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    throw new UserError('interrupted', { exitCode: ExitCode.interrupted, cause: error })
  }
}

async function performPrepared(
  options: PrepareOptions & { readonly signal: AbortSignal },
): Promise<RunSummary> {
  const { playbook, hosts, fleet } = prepareRun(options)
  const { secrets, signal, ask } = options
  for (const msg of fleet.warnings) options.onEvent?.({ event: 'warning', msg })
  const becomePassword = await passwordFrom(options)
  const machines =
    options.sandbox === true ? await rehearsalMachines(rehearsedHosts(hosts), options) : undefined
  return runPlaybook({
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
    forks: options.forks ?? 50,
    lookAhead: options.lookahead ?? true,
    showCommands: options.showCommands ?? false,
    forceHandlers: options.forceHandlers ?? false,
    secrets,
    signal,
    listener: options.onEvent ?? (() => undefined),
  })
}

async function passwordFrom({ becomePassword, secrets }: PrepareOptions): Promise<string | undefined> {
  const password = typeof becomePassword === 'function' ? await becomePassword() : becomePassword
  if (password !== undefined) secrets.add(password)
  return password
}

function becomes(host: string, plays: ReadonlyMap<Play, readonly string[]>): boolean {
  const own = [...plays].flatMap(([play, hosts]) => (hosts.includes(host) ? [play] : []))
  const nodes = own.flatMap((play) => [...nodesIn(play.sections.flat()), ...play.handlers])
  return nodes.some(({ keywords: { become } }) => become !== undefined && become !== false)
}

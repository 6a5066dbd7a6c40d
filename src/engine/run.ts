import pLimit from 'p-limit'

import { now } from '../clock.ts'
import { type Diagnostic, ExitCode, InvalidInputError } from '../errors.ts'
import type { Play, Playbook, Reach } from '../playbook/playbook.ts'
import type { Target } from '../target/target.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'
import type { Listener, RunEvent } from './event.ts'
import { HostRun } from './host/host-run.ts'
import { nameOn } from './host/rendered-name.ts'
import { HostVariables, type HostVariablesInput } from './host/host-variables.ts'
import { HostsOfRun } from './host/hosts-of-run.ts'
import { Machine } from './machine/machine.ts'
import { HostMemory, MemoryBudget } from './machine/memory-budget.ts'
import { Handlers } from './play/handlers.ts'
import { inOrder } from './play/host-order.ts'
import { PlayRun } from './play/play-run.ts'
import { precheck } from './play/precheck.ts'
import type { RunSettings } from './play/run-settings.ts'
import { batchesOf, serialOf } from './play/serial.ts'
import { hideFormerSecrets } from './replaced-secrets.ts'
import type { RunSummary } from './run-summary.ts'

export interface RunOptions {
  readonly playbook: Playbook
  /** The names of the hosts of each play, in order. */
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  readonly variablesOf: (host: string) => HostVariablesInput
  /** Opens the connection to a host. Called again if a play reaches the host in another way than the previous play. */
  readonly connect: (host: string, variables: HostVariables, reach: Reach) => Promise<Target>
  readonly check: boolean
  readonly forks: number
  readonly lookAhead: boolean
  readonly showCommands: boolean
  readonly forceHandlers: boolean
  readonly secrets: Secrets
  readonly signal: AbortSignal
  readonly listener: Listener
}

/** Runs a playbook. Reports every mistake that can be found without a host before the first play. */
export async function runPlaybook(options: RunOptions): Promise<RunSummary> {
  const started = now()
  const hostsOfRun = new HostsOfRun()
  const hosts = hostRuns(options, hostsOfRun)
  const problems = precheck(hostRunsOfPlays(options, hosts), hostsOfRun)
  if (problems.length > 0) throw new InvalidInputError(problems)
  const emit = maskedBy(options.secrets, options.listener)
  const handlers: Handlers[] = []
  emit({ event: 'start', playbook: options.playbook.file, check: options.check })
  let interrupted = false
  try {
    for (const [index, play] of options.playbook.plays.entries()) {
      const own = new Handlers(play, options.playbook.file)
      handlers.push(own)
      const active = hostsOf(play, options, hosts).filter((host) => host.status === 'active')
      const mayContinue = await runPlay(play, active, own, hostsOfRun, options, emit)
      if (!mayContinue) {
        reportOmittedPlays(options.playbook.plays.slice(index + 1), play, emit)
        break
      }
      for (const host of active) if (host.status === 'ended') host.status = 'active'
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
    interrupted = true
  } finally {
    await Promise.all([...hosts.values()].map((host) => endHost(host, emit)))
  }
  emit(recapOf([...hosts.values()], handlers, options.check, started))
  return summaryOf([...hosts.values()], interrupted)
}

/** Releases the leases of a host and closes its connection. */
async function endHost(host: HostRun, emit: Listener): Promise<void> {
  for (const msg of await host.machine.leases.releaseAll()) emit({ event: 'warning', host: host.name, msg })
  await host.machine.close()
}

/** Returns the mistakes that can be found without a host, even if parts of the playbook could not be read. */
export function problemsIn(
  options: Pick<RunOptions, 'playbook' | 'hosts' | 'variablesOf'> & { readonly registered: Iterable<string> },
): readonly Diagnostic[] {
  const connect = (): Promise<Target> =>
    Promise.reject(new Error('the search for mistakes opens no connection'))
  const { signal } = new AbortController()
  const hostsOfRun = new HostsOfRun()
  const hosts = hostRuns({ ...options, connect, signal, forks: 1, lookAhead: false }, hostsOfRun)
  return precheck(hostRunsOfPlays(options, hosts), hostsOfRun, options.registered)
}

/** Returns whether the plays that follow may run. */
async function runPlay(
  play: Play,
  inventoryHosts: readonly HostRun[],
  handlers: Handlers,
  hostsOfRun: HostsOfRun,
  options: RunOptions,
  emit: Listener,
): Promise<boolean> {
  const { check, showCommands, forceHandlers, signal, forks } = options
  const hosts = inOrder(inventoryHosts, play.order)
  const settings: RunSettings = { check, showCommands, forceHandlers, signal, emit, limit: pLimit(forks) }
  const [first] = hosts
  first?.variables.beginPlay(play)
  emit({
    event: 'play',
    play: first === undefined ? play.name : nameOn(first, play),
    hosts: namesOf(hosts),
    file: play.at.file,
    line: play.at.line,
  })
  await Promise.all(hosts.map((host) => host.beginPlay(play)))
  hostsOfRun.beginPlay(namesOf(hosts))
  const batches = first === undefined ? [] : batchesOf(hosts, serialOf(play, first))
  for (const [index, batch] of batches.entries()) {
    hostsOfRun.beginBatch(namesOf(batch))
    const run = new PlayRun(play, settings, handlers)
    await run.run(batch)
    if (run.ending === 'play') return true
    if (run.ending === 'run' || batch.every(hasFailed)) {
      reportOmittedHosts(batches.slice(index + 1).flat(), emit)
      return false
    }
  }
  return true
}

function namesOf(hosts: readonly HostRun[]): string[] {
  return hosts.map(({ name }) => name)
}

function hasFailed({ status }: HostRun): boolean {
  return status === 'failed' || status === 'unreachable'
}

/** Reports the plays that do not run after a failure. */
function reportOmittedPlays(plays: readonly Play[], after: Play, emit: Listener): void {
  if (plays.length === 0) return
  const names = plays.map(({ name }) => `'${name}'`).join(', ')
  emit({ event: 'warning', msg: `not run because '${after.name}' failed: ${names}` })
}

/** Reports the hosts that the play did not reach because an earlier batch failed. */
function reportOmittedHosts(hosts: readonly HostRun[], emit: Listener): void {
  if (hosts.length === 0) return
  emit({
    event: 'warning',
    msg: `not run on these hosts because the previous batch failed: ${namesOf(hosts).join(', ')}`,
  })
}

function hostRunsOfPlays(
  options: Pick<RunOptions, 'playbook' | 'hosts'>,
  hosts: ReadonlyMap<string, HostRun>,
): Map<Play, HostRun[]> {
  return new Map(options.playbook.plays.map((play) => [play, hostsOf(play, options, hosts)]))
}

function hostRuns(
  options: Pick<RunOptions, 'hosts' | 'variablesOf' | 'connect' | 'forks' | 'signal' | 'lookAhead'>,
  hostsOfRun: HostsOfRun,
): Map<string, HostRun> {
  const names = new Set([...options.hosts.values()].flat())
  // Each handshake costs the controller some milliseconds of CPU time, so they do not all run at once.
  const connecting = pLimit(options.forks)
  const budget = new MemoryBudget(names.size)
  const hosts = [...names].map((name) => {
    const memory = new HostMemory(name, budget)
    const variables = new HostVariables(options.variablesOf(name), hostsOfRun, memory)
    const connect = (reach: Reach): Promise<Target> =>
      connecting(() => options.connect(name, variables, reach))
    const { signal, lookAhead } = options
    const machine = new Machine({ connect, signal, lookAhead, memory })
    return new HostRun(name, { variables, machine, memory }, hostsOfRun)
  })
  hostsOfRun.enroll(hosts)
  return new Map(hosts.map((host) => [host.name, host]))
}

function hostsOf(
  play: Play,
  options: Pick<RunOptions, 'hosts'>,
  hosts: ReadonlyMap<string, HostRun>,
): HostRun[] {
  return (options.hosts.get(play) ?? []).flatMap((name) => hosts.get(name) ?? [])
}

/** Masks all secrets before the listener gets an event. */
function maskedBy(secrets: Secrets, listener: Listener): Listener {
  return (event) => {
    listener(hideFormerSecrets(secrets.maskDeep(event) as RunEvent))
  }
}

function recapOf(
  hosts: readonly HostRun[],
  handlers: readonly Handlers[],
  check: boolean,
  started: number,
): RunEvent {
  const pending = hosts.map((host) => [host.name, handlers.flatMap((own) => own.pendingOn(host))] as const)
  return {
    event: 'recap',
    hosts: Object.fromEntries(hosts.map((host) => [host.name, { ...host.counts }])),
    seconds: (now() - started) / 1000,
    check,
    pending: check ? {} : Object.fromEntries(pending.filter(([, names]) => names.length > 0)),
  }
}

function summaryOf(hosts: readonly HostRun[], interrupted: boolean): RunSummary {
  const changed = hosts.some(({ counts }) => counts.changed > 0)
  return { exitCode: exitCodeOf(hosts, interrupted), changed }
}

/** The exit codes in order of precedence: the run ends with the first code that any host has. */
const byPrecedence = [ExitCode.unreachable, ExitCode.failed, ExitCode.rolledBack, ExitCode.locked]

function exitCodeOf(hosts: readonly HostRun[], interrupted: boolean): ExitCode {
  if (interrupted) return ExitCode.interrupted
  const codes = new Set(hosts.map(({ exitCode }) => exitCode))
  return byPrecedence.find((code) => codes.has(code)) ?? ExitCode.done
}

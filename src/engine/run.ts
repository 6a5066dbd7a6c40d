import pLimit from 'p-limit'

import { ExitCode } from '../errors.ts'
import type { Play, Playbook } from '../playbook/playbook.ts'
import type { Target } from '../target/target.ts'
import type { Secrets } from '../variables/secrets.ts'
import { batchesOf } from './batches.ts'
import type { Listener, RunEvent } from './event.ts'
import { hideFormerSecrets } from './former-secrets.ts'
import { Handlers } from './handlers.ts'
import { HostRun } from './host-run.ts'
import { HostVariables, type HostVariablesInput } from './host-variables.ts'
import { PlayRun, type PlaySettings } from './play-run.ts'
import { precheck } from './precheck.ts'

export interface RunOptions {
  readonly playbook: Playbook
  /** The names of the hosts of each play, in order. */
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  readonly variablesOf: (host: string) => HostVariablesInput
  /** Opens the connection to a host; called once for each, when a play first needs it. */
  readonly connect: (host: string, variables: HostVariables) => Promise<Target>
  /** Only find what is wrong without a host. */
  readonly syntaxOnly: boolean
  readonly check: boolean
  readonly forks: number
  readonly lookAhead: boolean
  readonly showCommands: boolean
  readonly forceHandlers: boolean
  readonly secrets: Secrets
  readonly signal: AbortSignal
  readonly listener: Listener
}

export interface RunSummary {
  readonly exitCode: ExitCode
  /** A host was, or in a dry run would be, changed. */
  readonly changed: boolean
}

/** Runs a playbook: everything that can be wrong without a host is found first, then play after play. */
export async function runPlaybook(options: RunOptions): Promise<RunSummary> {
  const started = performance.now()
  const hosts = hostRuns(options)
  precheck(new Map(options.playbook.plays.map((play) => [play, hostsOf(play, options, hosts)])))
  if (options.syntaxOnly) return { exitCode: ExitCode.done, changed: false }
  const emit = maskedBy(options.secrets, options.listener)
  const handlers: Handlers[] = []
  emit({ event: 'start', playbook: options.playbook.file, check: options.check })
  let interrupted = false
  try {
    for (const play of options.playbook.plays) {
      const own = new Handlers(play, options.playbook.file)
      handlers.push(own)
      const active = hostsOf(play, options, hosts).filter((host) => host.status === 'active')
      const stopped = await runPlay(play, active, own, options, emit)
      if (stopped || (active.length > 0 && active.every((host) => host.status !== 'active'))) break
      for (const host of active) if (host.status === 'ended') host.status = 'active'
    }
  } catch (error) {
    if (!options.signal.aborted) throw error
    interrupted = true
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()))
  }
  emit(recapOf([...hosts.values()], handlers, options.check, started))
  return summaryOf([...hosts.values()], interrupted)
}

async function runPlay(
  play: Play,
  hosts: readonly HostRun[],
  handlers: Handlers,
  options: RunOptions,
  emit: Listener,
): Promise<boolean> {
  const { check, showCommands, forceHandlers, signal, forks } = options
  const settings: PlaySettings = { check, showCommands, forceHandlers, signal, emit, limit: pLimit(forks) }
  emit({
    event: 'play',
    play: play.name,
    hosts: hosts.map((host) => host.name),
    file: play.at.file,
    line: play.at.line,
  })
  for (const host of hosts) host.beginPlay(play)
  for (const batch of batchesOf(hosts, play.serial)) {
    const run = new PlayRun(play, settings, handlers)
    await run.run(batch)
    if (run.stopped || batch.every((host) => host.status !== 'active')) return run.stopped
  }
  return false
}

function hostRuns(options: RunOptions): Map<string, HostRun> {
  const names = new Set([...options.hosts.values()].flat())
  // Handshakes cost the controller some milliseconds of work each: not all at the same time.
  const connecting = pLimit(options.forks)
  return new Map(
    [...names].map((name) => {
      const variables = new HostVariables(options.variablesOf(name))
      const connect = (): Promise<Target> => connecting(() => options.connect(name, variables))
      const { signal, lookAhead } = options
      return [name, new HostRun(name, variables, { connect, signal, lookAhead })]
    }),
  )
}

function hostsOf(play: Play, options: RunOptions, hosts: ReadonlyMap<string, HostRun>): HostRun[] {
  return (options.hosts.get(play) ?? []).flatMap((name) => hosts.get(name) ?? [])
}

/** No listener ever sees a secret. */
function maskedBy(secrets: Secrets, listener: Listener): Listener {
  return (event) => {
    listener(secrets.maskDeep(hideFormerSecrets(event, secrets)) as RunEvent)
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
    seconds: (performance.now() - started) / 1000,
    check,
    pending: check ? {} : Object.fromEntries(pending.filter(([, names]) => names.length > 0)),
  }
}

function summaryOf(hosts: readonly HostRun[], interrupted: boolean): RunSummary {
  const changed = hosts.some(({ counts }) => counts.changed > 0)
  return { exitCode: exitCodeOf(hosts, interrupted), changed }
}

function exitCodeOf(hosts: readonly HostRun[], interrupted: boolean): ExitCode {
  if (interrupted) return ExitCode.interrupted
  if (hosts.some(({ counts }) => counts.unreachable > 0)) return ExitCode.unreachable
  return hosts.some(({ counts }) => counts.failed > 0) ? ExitCode.failed : ExitCode.done
}

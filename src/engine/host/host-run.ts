import { ExitCode } from '../../errors.ts'
import type { Handler, Play } from '../../playbook/playbook.ts'
import { facts } from '../../state/facts.ts'
import { factsLayer } from '../../variables/layer.ts'
import type { HostCounts, Named } from '../event.ts'
import type { Machine } from '../machine/machine.ts'
import type { HostMemory } from '../machine/memory-budget.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import type { HostVariables } from './host-variables.ts'
import type { HostsOfRun, HostStatus, Neighbour } from './hosts-of-run.ts'

/** Whether a handler will run for certain, or only if an unknown change turns out to be one. */
export type Notice = 'certain' | 'possible'

const factsKey = facts.key({})

/** The facts of a host, as the user who is logged in sees them. */
export const factsRequest: ReadRequest = { user: undefined, keys: [factsKey] }

/** One host during one run, for whom tasks are: its variables, its status, its counts, and the machine that it is. */
export class HostRun implements Neighbour {
  readonly name: string
  readonly machine: Machine
  readonly variables: HostVariables
  /** What the run keeps of the host. */
  readonly memory: HostMemory
  readonly counts: HostCounts = {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unknown: 0,
  }
  /** In a play, what will run at the next flush. */
  readonly notified = new Map<Handler, Notice>()
  /** What the run ends with, as far as this host is concerned. */
  exitCode: ExitCode = ExitCode.done
  #status: HostStatus = 'active'
  readonly #hostsOfRun: HostsOfRun

  constructor(
    name: string,
    parts: { variables: HostVariables; machine: Machine; memory: HostMemory },
    hostsOfRun: HostsOfRun,
  ) {
    this.name = name
    this.variables = parts.variables
    this.machine = parts.machine
    this.memory = parts.memory
    this.#hostsOfRun = hostsOfRun
  }

  get status(): HostStatus {
    return this.#status
  }

  /** Every host sees in its variables who of the play has not failed. */
  set status(status: HostStatus) {
    if (status === this.#status) return
    this.#status = status
    this.#hostsOfRun.changed()
  }

  /** Another host of the run. */
  peer(name: string): Neighbour | undefined {
    return this.#hostsOfRun.host(name)
  }

  /** Forgets what only concerned an earlier play, and starts to connect. */
  async beginPlay(play: Play): Promise<void> {
    this.notified.clear()
    this.variables.beginPlay(play)
    if (await this.machine.goTo(play.reach)) this.variables.forgetFacts()
    // Whoever needs the connection meets the failure; until then nobody listens.
    this.machine.connection().catch(() => undefined)
  }

  /** One script tells everything about the machine; what is wanted ahead travels with it. */
  async gatherFacts(ahead: readonly ReadRequest[]): Promise<void> {
    await this.machine.read(factsRequest, ahead)
    // What a dry run predicted says nothing about facts: they are those of the host as it is.
    const facts = this.machine.state.lastSeen(factsRequest.user, factsKey)
    this.variables.learnFacts(factsLayer(facts as Readonly<Record<string, unknown>>))
  }

  forgetFacts(): void {
    this.machine.state.forgetAnswers(factsRequest)
    this.variables.forgetFacts()
  }

  /** @param exitCode with what the run ends because of it */
  fail(task: Named, result: unknown, exitCode: ExitCode): void {
    this.status = 'failed'
    this.exitCode = exitCode
    this.variables.noteFailure({ name: task.name, action: task.module.name }, result)
  }

  /** The host takes part again, whatever put it out. */
  async comeBack(): Promise<void> {
    if (this.status === 'unreachable') await this.machine.reconnect()
    this.status = 'active'
  }

  /** A rescue takes the failure on itself. */
  rescue(): void {
    this.status = 'active'
    this.exitCode = ExitCode.done
    this.counts.failed -= 1
    this.counts.rescued += 1
  }
}

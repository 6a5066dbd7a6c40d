import { ExitCode } from '../../errors.ts'
import type { Handler, Play } from '../../playbook/playbook.ts'
import { facts } from '../../state/facts.ts'
import { factsLayer } from '../../variables/layer.ts'
import type { HostCounts } from '../event.ts'
import type { Named } from './named.ts'
import type { Machine } from '../machine/machine.ts'
import type { HostMemory } from '../machine/memory-budget.ts'
import type { ReadRequest } from '../machine/read-request.ts'
import type { HostVariables } from './host-variables.ts'
import type { HostsOfRun, HostStatus, Neighbour } from './hosts-of-run.ts'

/** The certainty of a notification: `possible` if it depends on a change that a dry run cannot decide. */
export type Notice = 'certain' | 'possible'

const factsKey = facts.key({})

/** The request for the facts of a host as the login user. */
export const factsRequest: ReadRequest = { user: undefined, keys: [factsKey] }

/** A host during a run: its variables, status, counts and machine. */
export class HostRun implements Neighbour {
  readonly name: string
  readonly machine: Machine
  readonly variables: HostVariables
  /** The memory that the results of the host occupy. */
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
  /** The handlers that will run at the next flush of the play. */
  readonly notified = new Map<Handler, Notice>()
  /** The exit code that this host asks for. */
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

  /** Also discards rendered values, because the lists of hosts that have not failed are variables. */
  set status(status: HostStatus) {
    if (status === this.#status) return
    this.#status = status
    this.#hostsOfRun.changed()
  }

  peer(name: string): Neighbour | undefined {
    return this.#hostsOfRun.host(name)
  }

  /** Discards the state of the previous play and starts to connect. */
  async beginPlay(play: Play): Promise<void> {
    this.notified.clear()
    this.variables.beginPlay(play)
    if (await this.machine.switchConnection(play.reach)) this.variables.forgetFacts()
    // A failure is reported when a task awaits the connection.
    this.machine.connection().catch(() => undefined)
  }

  /** Reads all facts with one script, and the answers for later tasks in the same batch. */
  async gatherFacts(ahead: readonly ReadRequest[]): Promise<void> {
    await this.machine.read(factsRequest, ahead)
    // Facts are those of the host as it is, even after predictions of a dry run.
    const facts = this.machine.state.lastSeen(factsRequest.user, factsKey)
    this.variables.learnFacts(factsLayer(facts as Readonly<Record<string, unknown>>))
  }

  forgetFacts(): void {
    this.machine.state.forgetAnswers(factsRequest)
    this.variables.forgetFacts()
  }

  fail(task: Named, result: unknown, exitCode: ExitCode): void {
    this.status = 'failed'
    this.exitCode = exitCode
    this.variables.noteFailure({ name: task.name, action: task.module.name }, result)
  }

  /** Lets a failed or unreachable host take part again. */
  async rejoin(): Promise<void> {
    if (this.status === 'unreachable') await this.machine.reconnect()
    this.status = 'active'
  }

  rescue(): void {
    this.status = 'active'
    this.exitCode = ExitCode.done
    this.counts.failed -= 1
    this.counts.rescued += 1
  }
}

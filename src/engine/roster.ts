import type { Layer } from '../variables/layer.ts'
import { unknown } from '../variables/not-known.ts'
import type { Scope } from '../variables/scope.ts'
import type { HostRun } from './host-run.ts'

/** The hosts of a run as the variables of each of them show them: who takes part in the play, and how each stands. */
export class Roster {
  #hosts: ReadonlyMap<string, HostRun> = new Map()
  #play: readonly string[] = []
  #batch: readonly string[] = []

  enroll(hosts: readonly HostRun[]): void {
    this.#hosts = new Map(hosts.map((host) => [host.name, host]))
  }

  beginPlay(hosts: readonly string[]): void {
    this.#play = hosts
    this.beginBatch(hosts)
  }

  beginBatch(hosts: readonly string[]): void {
    this.#batch = hosts
    this.changed()
  }

  /** What was rendered with these lists may render differently now. */
  changed(): void {
    for (const host of this.#hosts.values()) host.variables.forgetRendered()
  }

  /** The hosts that take part in the play, failed ones too. */
  get playHostsAll(): readonly string[] {
    return this.#play
  }

  get playHosts(): readonly string[] {
    return this.#play.filter((name) => this.#stands(name))
  }

  get playBatch(): readonly string[] {
    return this.#batch.filter((name) => this.#stands(name))
  }

  /**
   * The variables of a host as another one sees them; undefined where it takes no part in the run.
   * @param awaited names that tasks are still going to set
   */
  scopeOf(name: string, awaited: ReadonlySet<string>): Scope | undefined {
    const scope = this.#hosts.get(name)?.variables.scopeForOthers()
    return awaited.size === 0 ? scope : scope?.with(awaitedLayer(awaited))
  }

  #stands(name: string): boolean {
    const status = this.#hosts.get(name)?.status
    return status !== 'failed' && status !== 'unreachable'
  }
}

function awaitedLayer(names: ReadonlySet<string>): Layer {
  const values = [...names].map((name) => [name, unknown(`the task that sets ${name} has run`)] as const)
  return { origin: 'tasks to come', values: new Map(values), literal: true }
}

import type { ReadRequest } from '../machine/read-request.ts'
import type { HostVariables, Neighbours } from './host-variables.ts'

export type HostStatus = 'active' | 'failed' | 'unreachable' | 'ended'

/** A host of the run as the other hosts see it. */
export interface Neighbour {
  readonly name: string
  readonly status: HostStatus
  readonly variables: HostVariables
  gatherFacts(ahead: readonly ReadRequest[]): Promise<void>
}

/** The hosts of a run. Their variables can refer to each other and to the lists of the play's hosts. */
export class HostsOfRun implements Neighbours {
  /** A number that changes with every variable of any host. */
  version = 0
  /** During look-ahead, the variables that earlier tasks have not set yet. */
  pending: ReadonlySet<string> = new Set()
  #hosts: ReadonlyMap<string, Neighbour> = new Map()
  #play: readonly string[] = []
  #batch: readonly string[] = []
  /** The hosts of each list that have not failed; cached, because every scope of every host holds these lists. */
  #lists: Pick<Neighbours, 'playHosts' | 'playBatch'> | undefined

  enroll(hosts: readonly Neighbour[]): void {
    this.#lists = undefined
    this.#hosts = new Map(hosts.map((host) => [host.name, host]))
  }

  host(name: string): Neighbour | undefined {
    return this.#hosts.get(name)
  }

  beginPlay(hosts: readonly string[]): void {
    this.#play = hosts
    this.beginBatch(hosts)
  }

  beginBatch(hosts: readonly string[]): void {
    this.#batch = hosts
    this.changed()
  }

  /** Discards rendered values, which may depend on the lists of hosts. */
  changed(): void {
    this.#lists = undefined
    for (const host of this.#hosts.values()) host.variables.forgetRendered()
  }

  /** The hosts of the play, including failed ones. */
  get playHostsAll(): readonly string[] {
    return this.#play
  }

  get playHosts(): readonly string[] {
    return this.#listsWithoutFailed().playHosts
  }

  get playBatch(): readonly string[] {
    return this.#listsWithoutFailed().playBatch
  }

  #listsWithoutFailed(): Pick<Neighbours, 'playHosts' | 'playBatch'> {
    const hasNotFailed = (name: string): boolean => this.#hasNotFailed(name)
    return (this.#lists ??= {
      playHosts: this.#play.filter(hasNotFailed),
      playBatch: this.#batch.filter(hasNotFailed),
    })
  }

  #hasNotFailed(name: string): boolean {
    const status = this.#hosts.get(name)?.status
    return status !== 'failed' && status !== 'unreachable'
  }
}

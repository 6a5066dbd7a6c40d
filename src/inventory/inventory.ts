import type { LeveledLayers } from '../variables/precedence.ts'

/** A machine as the inventory knows it. */
export interface Host {
  readonly name: string
  /** All groups it is in, by way of their children too, from `all` down: later ones win. */
  readonly groups: readonly string[]
  readonly layers: LeveledLayers
}

/** The hosts and groups of all sources together. */
export interface Inventory {
  /** In the order in which the sources name them. */
  readonly hosts: ReadonlyMap<string, Host>
  /** The hosts of every group, by way of its children too. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** What a pattern gets that says localhost where no source does; it is not in `all`. */
  readonly localhost: Host
  readonly sources: readonly string[]
}

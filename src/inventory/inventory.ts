import type { LeveledLayers } from '../variables/precedence.ts'

/** A host of the inventory. */
export interface Host {
  readonly name: string
  /** All groups of the host, including those that contain its groups, from `all` down: later ones take precedence. */
  readonly groups: readonly string[]
  readonly layers: LeveledLayers
}

/** The hosts and groups of all sources together. */
export interface Inventory {
  /** The hosts in the order of the sources. */
  readonly hosts: ReadonlyMap<string, Host>
  /** The hosts of every group, including those of its children. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** The host for the pattern localhost if no source defines it; it is not in `all`. */
  readonly localhost: Host
  readonly sources: readonly string[]
  /** Sentences about names that probably have a typo. */
  readonly warnings: readonly string[]
}

import type { Script } from '../../target/sh.ts'

/** The facts of a host, under Ansible's names without `ansible_`. */
export type Facts = Readonly<Record<string, unknown>>

/** Facts with a common source. The facts of all groups are read in one script. */
export interface FactGroup {
  /** The names of the facts, without those that depend on the host, such as the names of network interfaces. */
  readonly names: readonly string[]
  /** The scripts that print what the facts are parsed from, by section. `show FILE` prints a file if it is readable. */
  readonly read: Readonly<Record<string, Script>>
  /** Parses the lines of each section. A fact that is undefined does not exist on the host. */
  parse(found: Readonly<Record<string, readonly string[]>>): Facts
}

interface Definition<Name extends string, Section extends string> {
  readonly names: readonly Name[]
  readonly read: Readonly<Record<Section, Script>>
  parse(
    found: Readonly<Record<NoInfer<Section>, readonly string[]>>,
  ): Readonly<Record<NoInfer<Name>, unknown>>
}

export function defineFacts<Name extends string, Section extends string>(
  definition: Definition<Name, Section>,
): FactGroup {
  return definition
}

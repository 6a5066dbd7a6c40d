import type { Position } from '../errors.ts'

/** Variables of one origin, e.g. "group_vars/all.yml" or "register". */
export interface Layer {
  /** For error messages: where these variables come from. */
  readonly origin: string
  readonly values: ReadonlyMap<string, unknown>
  /** Text of these values came from a host: it is data and never rendered. */
  readonly literal?: true
  /** Where a variable, or the part of it at this path, is defined. */
  at?(name: string, path?: readonly (string | number)[]): Position | undefined
}

/** Facts as variables: `ansible_facts.distribution` and `ansible_distribution`. */
export function factsLayer(facts: Readonly<Record<string, unknown>>): Layer {
  const prefixed = Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value] as const)
  return { origin: 'facts', values: new Map([['ansible_facts', facts], ...prefixed]), literal: true }
}

import type { Position } from '../errors.ts'
import type { Dialect } from './dialect.ts'

/** Variables of one origin, e.g. "group_vars/all.yml" or "register". */
export type Layer = Variables & (Written | Literal)

interface Variables {
  /** The origin, for error messages. */
  readonly origin: string
  readonly values: ReadonlyMap<string, unknown>
  /** Returns the position of a variable, or of the part of it at this path. */
  at?(name: string, path?: readonly (string | number)[]): Position | undefined
}

/** Strings that may contain tags of a dialect. */
interface Written {
  readonly dialect: Dialect
  readonly literal?: never
}

/** Strings that are data, such as answers of a host, and are never rendered. */
interface Literal {
  readonly literal: true
  readonly dialect?: never
}

/** Returns the variables of facts: `ansible_facts.distribution` and `ansible_distribution`. */
export function factsLayer(facts: Readonly<Record<string, unknown>>): Layer {
  const prefixed = Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value] as const)
  return { origin: 'facts', values: new Map([['ansible_facts', facts], ...prefixed]), literal: true }
}

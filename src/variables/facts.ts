import type { Layer } from './layer.ts'

/** Facts as variables: `ansible_facts.distribution` and `ansible_distribution`. */
export function factsLayer(facts: Readonly<Record<string, unknown>>): Layer {
  const prefixed = Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value] as const)
  return { origin: 'facts', values: new Map([['ansible_facts', facts], ...prefixed]), literal: true }
}

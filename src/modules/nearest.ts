import { distance } from 'fastest-levenshtein'

/** The few of these names that are most like the one that was looked for. */
export function nearest(name: string, names: readonly string[], count = 3): string[] {
  return [...names].sort((one, other) => distance(name, one) - distance(name, other)).slice(0, count)
}

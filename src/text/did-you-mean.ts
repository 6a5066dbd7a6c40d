import { distance } from 'fastest-levenshtein'

/** Returns a hint with the most similar known name, if it is similar enough and the name is not too short. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const nearest = name.length < 3 ? undefined : nearestName(name, known)
  return nearest === undefined ? undefined : `did you mean '${nearest}'?`
}

/** Returns the most similar names, the most similar first. */
export function nearestNames(name: string, names: readonly string[], count = 3): string[] {
  return names.toSorted((one, other) => distance(name, one) - distance(name, other)).slice(0, count)
}

/** Returns the most similar name, if it is similar enough. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) + 1
  for (const candidate of candidates) {
    const far = mistakes(name.toLowerCase(), candidate.toLowerCase())
    if (far >= least || candidate === name) continue
    least = far
    best = candidate
  }
  return best
}

/** Returns the edit distance. Two swapped letters count as one mistake. */
function mistakes(one: string, other: string): number {
  const far = distance(one, other)
  if (far !== 2 || one.length !== other.length) return far
  let first = 0
  while (one[first] === other[first]) first += 1
  const swapped = one[first] === other[first + 1] && one[first + 1] === other[first]
  return swapped ? 1 : far
}

import { distance } from 'fastest-levenshtein'

/** The name that was probably meant, if there is one. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) + 1
  for (const candidate of candidates) {
    const far = distance(name.toLowerCase(), candidate.toLowerCase())
    if (far >= least || candidate === name) continue
    least = far
    best = candidate
  }
  return best
}

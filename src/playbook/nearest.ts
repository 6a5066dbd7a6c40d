import { nearestName } from '../text/did-you-mean.ts'

/** A hint that names the known name which this one is most like, if any is near enough. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  // One character is all that tells short names apart.
  const nearest = name.length < 3 ? undefined : nearestName(name, known)
  return nearest === undefined ? undefined : `did you mean '${nearest}'?`
}

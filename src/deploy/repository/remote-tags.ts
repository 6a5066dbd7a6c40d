import { gitWith } from './git.ts'
import type { RepositoryLocation } from './repository-location.ts'

const limit = 120_000

/** Lists the current tags of a repository, each with its commit, without a mirror. */
export async function remoteTags(
  location: RepositoryLocation,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const timeLimit = AbortSignal.timeout(limit)
  const signals = signal === undefined ? timeLimit : AbortSignal.any([signal, timeLimit])
  const listing = await gitWith(location, (address) => ['ls-remote', '--tags', '--', address], {
    signal: signals,
  })
  return parseTags(listing)
}

/** An annotated tag is listed twice: first its own object, then, as `name^{}`, the commit, which replaces it here. */
export function parseTags(listing: string): Map<string, string> {
  const tags = new Map<string, string>()
  for (const line of listing.split('\n')) {
    const [, sha, name] = /^([0-9a-f]+)\trefs\/tags\/(.+?)(?:\^\{\})?$/.exec(line) ?? []
    if (sha !== undefined && name !== undefined) tags.set(name, sha)
  }
  return tags
}

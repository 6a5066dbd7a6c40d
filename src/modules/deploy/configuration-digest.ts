import { createHash } from 'node:crypto'

/** What tells one configuration of a deploy from another, without showing anything of it. */
export function configurationDigest(configuration: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(configuration ?? null))
    .digest('hex')
    .slice(0, 16)
}

import { createHash } from 'node:crypto'

/** Returns a digest that identifies the configuration of a deploy without revealing it. */
export function configurationDigest(configuration: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(configuration ?? null))
    .digest('hex')
    .slice(0, 16)
}

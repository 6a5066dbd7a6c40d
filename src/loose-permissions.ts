import { accessSync, constants, statfsSync, type Stats } from 'node:fs'

/**
 * What is wrong with who may read or change a file that holds a secret, and what to do about it; undefined: nothing.
 * As ssh does it, the mode of a file of our own must be 0600 or less. Of root's files we only want that others can't
 * write them: a group may share one. Root reads what its owner keeps as strictly, except for secrets that Docker and
 * Kubernetes mount into a container: they have mode 0444 or 0644, and nothing in the container can change that.
 */
export function looseness(
  path: string,
  { uid: owner, mode }: Pick<Stats, 'uid' | 'mode'>,
): string | undefined {
  const self = process.getuid?.()
  if (self === undefined) return undefined
  if (owner !== self && owner !== 0 && self !== 0)
    return `it belongs to another user (uid ${owner}): copy it to a file of your own with mode 0600`
  const isShared = owner === 0 && self !== 0
  if ((mode & (isShared ? 0o022 : 0o077)) === 0) return undefined
  const shown = (mode & 0o7777).toString(8).padStart(4, '0')
  if ((mode & 0o022) !== 0) return `other users can change it (mode ${shown}): chmod 600 ${path}`
  if (owner === 0 && isMountedSecret(path)) return undefined
  return `other users can read it (mode ${shown}): chmod 600 ${path}, or for a secret that Docker or Kubernetes mounts, set mode: 0400 (defaultMode: 0400)`
}

/** As statfs(2) numbers it. */
const tmpfs = 0x01021994

/** A file in memory that even root cannot change: only who starts a container mounts one. */
function isMountedSecret(path: string): boolean {
  try {
    if (statfsSync(path).type !== tmpfs) return false
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS'
  }
}

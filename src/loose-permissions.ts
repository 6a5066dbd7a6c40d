import { accessSync, constants, statfsSync, type Stats } from 'node:fs'

/**
 * Returns an error with a hint if other users can read or change a file that holds a secret; undefined if they cannot.
 * Like ssh, this requires mode 0600 or less for the user's own files. Files of root must only not be writable by
 * others: a group may share one. Root reads files of other users if their owners keep them as strictly,
 * except for secrets that Docker and Kubernetes mount into a container with mode 0444 or 0644, which cannot be changed there.
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

import { accessSync, constants, statfsSync, type Stats } from 'node:fs'

/**
 * Returns an error with a hint if other users can read or change a file that holds a secret; undefined if they cannot.
 * Like ssh, this requires mode 0600 or less for the user's own files. Files of root must only not be writable by
 * others: a group may share one. Root reads files of other users if their owners keep them as strictly,
 * except for secrets that Docker and Kubernetes mount into a container with mode 0444 or 0644, which cannot be changed there.
 */
export function exposureOf(
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
  const mount = owner === 0 ? memoryMountOf(path) : 'none'
  if (mount === 'read-only') return undefined
  const orMount = mount === 'none' ? '' : ', or mount it with mode: 0400 (Kubernetes: defaultMode: 0400)'
  return `other users can read it (mode ${shown}): chmod 600 ${path}${orMount}`
}

/** The number of this file system in statfs(2). */
const tmpfs = 0x01021994

/**
 * Returns how a file in memory is mounted. Even root cannot change a read-only one: only the process that starts a
 * container can mount one.
 */
function memoryMountOf(path: string): 'none' | 'writable' | 'read-only' {
  try {
    if (statfsSync(path).type !== tmpfs) return 'none'
    accessSync(path, constants.W_OK)
    return 'writable'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS' ? 'read-only' : 'none'
  }
}

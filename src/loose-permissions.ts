import type { Stats } from 'node:fs'

/**
 * Returns an error with a hint if other users can read or change a file that holds a secret; undefined if they cannot.
 * Like ssh, this requires mode 0600 or less for the user's own files. Files of root must only not be writable by
 * others: a group may share one. Root reads files of other users if their owners keep them as strictly.
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
  return `other users can ${(mode & 0o022) === 0 ? 'read' : 'change'} it (mode ${shown}): chmod 600 ${path}`
}

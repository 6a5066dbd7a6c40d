import type { Stats } from 'node:fs'

/**
 * What is wrong with who may read or change a file that holds a secret, and what to do about it; undefined: nothing.
 * As ssh does it, the mode of a file of our own must be 0600 or less. Of root's files we only want that others can't
 * write them: a group may share one. Root reads what its owner keeps as strictly.
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

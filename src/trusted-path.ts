import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** A path that other users own or can write to, and which lets them replace another path. */
export interface Distrust {
  readonly path: string
  readonly reason: string
}

/**
 * Checks that only this user and root own, and can write to, the path, each file below it, the targets of symlinks
 * there, and every folder above it. Folders above may be writable by others if the sticky bit prevents renaming.
 */
export function distrustOf(path: string): Distrust | undefined {
  if (isDeclaredTrusted(path)) return undefined
  const folder = dirname(path)
  const reason = weaknessOf(folder)
  if (reason !== undefined) return { path: folder, reason }
  return distrustAbove(folder) ?? distrustAbove(realpathSync(path)) ?? distrustFrom(path, new Set())
}

/**
 * Environment variables with a folder that the user trusts, regardless of its owner: the checkout of a CI job often
 * belongs to root or is world-writable.
 */
const trustedFolders = ['HOSTWRIGHT_TRUSTED_FOLDER', 'GITHUB_WORKSPACE', 'CI_PROJECT_DIR']

export function isDeclaredTrusted(path: string): boolean {
  return trustedFolders.some((name) => {
    const folder = process.env[name] ?? ''
    const from = isAbsolute(folder) ? relative(resolve(folder), resolve(path)) : '..'
    return from !== '..' && !from.startsWith(`..${sep}`)
  })
}

/** Checks only the folders above a path. */
export function distrustAbove(path: string): Distrust | undefined {
  for (let place = path; place !== dirname(place);) {
    place = dirname(place)
    const reason = weaknessOf(place, { stickyIsFine: true })
    if (reason !== undefined) return { path: place, reason }
  }
  return undefined
}

/** Returns the reason why others could change the file or the entries of the folder. */
export function weaknessOf(path: string, { stickyIsFine = false } = {}): string | undefined {
  const foreign = foreignOwner(path)
  if (foreign !== undefined) return foreign
  const status = lstatSync(path)
  if (status.isSymbolicLink() || (stickyIsFine && (status.mode & 0o1000) !== 0)) return undefined
  if ((status.mode & 0o002) !== 0) return 'every user can write to it'
  if ((status.mode & 0o020) !== 0 && othersIn(status)) return 'users of its group can write to it'
  return undefined
}

/** Returns the owner of a path; undefined if it is the user or root, or if the path does not exist. */
export function foreignOwner(path: string): string | undefined {
  const uid = lstatSync(path, { throwIfNoEntry: false })?.uid ?? 0
  return isOurs(uid) ? undefined : `it belongs to the user ${nameOfUser(uid)}`
}

function distrustFrom(path: string, seen: Set<string>): Distrust | undefined {
  const reason = weaknessOf(path)
  if (reason !== undefined) return { path, reason }
  const status = lstatSync(path)
  if (status.isSymbolicLink()) return distrustBehind(path, seen)
  if (!status.isDirectory()) return undefined
  const names = entriesOf(path)
  if (names === undefined) return { path, reason: 'it cannot be read' }
  for (const name of names) {
    const below = distrustFrom(join(path, name), seen)
    if (below !== undefined) return below
  }
  return undefined
}

function entriesOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch {
    return undefined
  }
}

/** Checks the target of a symlink. A dangling symlink is harmless. */
function distrustBehind(link: string, seen: Set<string>): Distrust | undefined {
  const target = existsSync(link) ? realpathSync(link) : undefined
  if (target === undefined || seen.has(target)) return undefined
  seen.add(target)
  return distrustAbove(target) ?? distrustFrom(target, seen)
}

/** Returns true for root and the user and, like git, for the user who started sudo. */
function isOurs(uid: number): boolean {
  const user = process.getuid?.()
  return uid === 0 || uid === user || (user === 0 && String(uid) === process.env['SUDO_UID'])
}

/** Returns true if the group has other members: many distributions create a group for each user. */
function othersIn({ gid }: Stats): boolean {
  const users = rowsOf('/etc/passwd').filter(([, , , group]) => group === String(gid))
  const group = rowsOf('/etc/group').find(([, , id]) => id === String(gid))
  const members = (group?.[3] ?? '').split(',').filter((name) => name !== '')
  const ids = members.map((member) => rowsOf('/etc/passwd').find(([name]) => name === member)?.[2])
  const everyone = [...users.map(([, , id]) => id), ...ids]
  return group === undefined || !everyone.every((id) => id !== undefined && isOurs(Number(id)))
}

function nameOfUser(uid: number): string {
  return rowsOf('/etc/passwd').find(([, , id]) => id === String(uid))?.[0] ?? `the user with the id ${uid}`
}

function rowsOf(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
}

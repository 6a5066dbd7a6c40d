import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'

/** Why others could decide what is found at a path: a place on the way there that they own or can write to. */
export interface Distrust {
  readonly path: string
  readonly reason: string
}

/**
 * Who owns the path, each file below it and every folder above it: only this user and root may, and nobody else may
 * write there. Above the folder of the path others may write where the sticky bit keeps them from renaming.
 */
export function distrustOf(path: string): Distrust | undefined {
  const folder = dirname(path)
  for (const place of [path, folder]) {
    const reason = reasonOf(place)
    if (reason !== undefined) return { path: place, reason }
  }
  return distrustAbove(folder) ?? distrustAbove(realpathSync(path)) ?? distrustBelow(path)
}

/** The same of the folders above a path alone. */
export function distrustAbove(path: string): Distrust | undefined {
  for (let place = path; place !== dirname(place);) {
    place = dirname(place)
    const reason = reasonOf(place, { stickyIsFine: true })
    if (reason !== undefined) return { path: place, reason }
  }
  return undefined
}

/** Why others could change the file or the entries of the folder. */
export function reasonOf(path: string, { stickyIsFine = false } = {}): string | undefined {
  const status = lstatSync(path)
  if (!isOurs(status.uid)) return `it belongs to ${nameOfUser(status.uid)}`
  if (status.isSymbolicLink() || (stickyIsFine && (status.mode & 0o1000) !== 0)) return undefined
  if ((status.mode & 0o002) !== 0) return 'every user can write to it'
  if ((status.mode & 0o020) !== 0 && othersIn(status)) return 'users of its group can write to it'
  return undefined
}

function distrustBelow(path: string): Distrust | undefined {
  if (!lstatSync(path).isDirectory()) return undefined
  for (const name of readdirSync(path)) {
    const place = join(path, name)
    const reason = reasonOf(place)
    if (reason !== undefined) return { path: place, reason }
    const below = distrustBelow(place)
    if (below !== undefined) return below
  }
  return undefined
}

/** Who works as root by sudo trusts their own files, as git does. */
function isOurs(uid: number): boolean {
  const user = process.getuid?.()
  return uid === 0 || uid === user || (user === 0 && String(uid) === process.env['SUDO_UID'])
}

/** A group may be there for one user alone, as distributions make them. */
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

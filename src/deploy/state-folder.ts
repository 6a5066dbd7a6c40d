import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { chmod, lstat, mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

import { UserError } from '../errors.ts'
import { foreignOwner, isDeclaredTrusted } from '../trusted-path.ts'

/** A place below the folder where this controller keeps what it remembers. */
export function kept(folder: string, ...path: readonly string[]): string {
  return join(folder, ownFolder, ...path)
}

const ownFolder = '.hostwright'

/**
 * Makes the folder of a file, for this user alone. One that earlier versions made for everyone is closed. Throws
 * UserError where other users could have prepared it: a mirror of theirs has hooks and settings that git runs.
 */
export async function makeFolderOf(file: string): Promise<void> {
  const folder = dirname(file)
  const own = ownFolders(folder)
  demandOwner(own)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  demandOwner(own)
  for (const place of own) await closeFolder(place)
}

/** The folder where this controller keeps what it remembers, and those in it on the way to this one. */
function ownFolders(folder: string): string[] {
  const names = folder.split(sep)
  const start = names.lastIndexOf(ownFolder)
  if (start === -1) return []
  return names.slice(start).map((_name, depth) => names.slice(0, start + depth + 1).join(sep))
}

/** Also of the folder around them, and of everything that was there before they were closed. */
function demandOwner(folders: readonly string[]): void {
  const [outermost] = folders
  if (outermost === undefined || isDeclaredTrusted(outermost)) return
  for (const place of [dirname(outermost), ...folders, ...entriesOf(outermost)]) {
    const foreign = foreignOwner(place) ?? (existsSync(place) ? foreignOwner(realpathSync(place)) : undefined)
    if (foreign !== undefined)
      throw new UserError(`${place} is not used: ${foreign}`, {
        hint: `work in a folder of your own. If only you use this machine, such as a container, set HOSTWRIGHT_TRUSTED_FOLDER=${dirname(outermost)}`,
      })
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

/** Opens a file to append to, for this user alone. One that earlier versions made for everyone is closed. */
export async function openPrivate(file: string, flags: 'a' | 'a+'): Promise<FileHandle> {
  const handle = await open(file, flags, 0o600)
  const { mode, uid } = await handle.stat()
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await handle.chmod(0o600)
  return handle
}

async function closeFolder(folder: string): Promise<void> {
  const { mode, uid } = await lstat(folder)
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await chmod(folder, mode & 0o700)
}

/** Works with files. What the system refuses, like a full disk or a missing permission, is the user's to mend. */
export async function onDisk<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new UserError(`cannot ${what}: ${error.message}`, { cause: error })
  }
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whoever reads the file sees the old or the new content, also after a power cut. */
export async function replaceFile(file: string, text: string, mode = 0o600): Promise<void> {
  const unfinished = await open(`${file}.new`, 'w', mode)
  try {
    await unfinished.chmod(mode)
    await unfinished.writeFile(text)
    await unfinished.sync()
  } finally {
    await unfinished.close()
  }
  await rename(`${file}.new`, file)
}

import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { chmod, lstat, mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

import { UserError } from '../errors.ts'
import { foreignOwner, isDeclaredTrusted } from '../trusted-path.ts'

/** Returns a path in `.hostwright`, the folder in which the controller keeps its state. */
export function kept(folder: string, ...path: readonly string[]): string {
  return join(folder, ownFolder, ...path)
}

const ownFolder = '.hostwright'

/**
 * Creates the folder of a file with mode 0700, and sets this mode if an earlier version created it with another.
 * Throws UserError if another user could have prepared the folder: git runs the hooks and settings of a mirror in it.
 */
export async function makeFolderOf(file: string): Promise<void> {
  const folder = dirname(file)
  const own = ownFolders(folder)
  demandOwner(own)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  demandOwner(own)
  for (const place of own) await closeFolder(place)
}

/** Returns `.hostwright` and the folders between it and the given one, which is the last. */
function ownFolders(folder: string): string[] {
  const names = folder.split(sep)
  const start = names.lastIndexOf(ownFolder)
  if (start === -1) return []
  return names.slice(start).map((_name, depth) => names.slice(0, start + depth + 1).join(sep))
}

/** Checks the owner of the folders, of the folder that contains them, and of every entry of `.hostwright`. */
function demandOwner(folders: readonly string[]): void {
  const [outermost] = folders
  if (outermost === undefined || isDeclaredTrusted(outermost)) return
  for (const place of [dirname(outermost), ...folders, ...entriesOf(outermost)]) {
    const foreign = foreignOwner(place) ?? (existsSync(place) ? foreignOwner(realpathSync(place)) : undefined)
    if (foreign !== undefined)
      throw new UserError(`${place}: not trusted: ${foreign}`, {
        hint: `work in a folder of your own. If only you use this machine, such as a container, set HOSTWRIGHT_TRUSTED_FOLDER=${dirname(outermost)}`,
      })
  }
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

/** Opens a file for appending with mode 0600, and sets this mode if an earlier version created it with another. */
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

/** Does work on files, and turns an error of the system, such as a full disk, into a UserError. */
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

/** Replaces the content of a file atomically: a reader sees the old or the new content, even after a power cut. */
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

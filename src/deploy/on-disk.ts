import { chmod, lstat, mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'

import { UserError } from '../errors.ts'

/** A place below the folder where this controller keeps what it remembers. */
export function kept(folder: string, ...path: readonly string[]): string {
  return join(folder, ownFolder, ...path)
}

const ownFolder = '.hostwright'

/** Makes the folder of a file, for this user alone. One that earlier versions made for everyone is closed. */
export async function makeFolderOf(file: string): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = folder.split(sep)
  const end = names.lastIndexOf(ownFolder) + 1
  for (let depth = end; end > 0 && depth <= names.length; depth++)
    await closeFolder(names.slice(0, depth).join(sep))
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

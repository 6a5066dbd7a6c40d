import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'

import { UserError } from '../errors.ts'

/** A place below the folder where this controller keeps what it remembers. */
export function kept(folder: string, ...path: readonly string[]): string {
  return join(folder, '.hostwright', ...path)
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
export async function replaceFile(file: string, text: string, mode = 0o644): Promise<void> {
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

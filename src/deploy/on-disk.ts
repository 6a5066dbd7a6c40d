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

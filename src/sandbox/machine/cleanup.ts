import { randomBytes } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'

import { home } from '../machines-folder.ts'
import { identify, isAlive } from './process-identity.ts'

/** Moves a folder away, which is faster than removing all its files. Does nothing if it does not exist. */
export async function moveToTrash(folder: string): Promise<void> {
  const { pid, startedAt } = await identify(process.pid)
  try {
    await rename(folder, home('trash', `${pid}.${startedAt}.${randomBytes(4).toString('hex')}`))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Removes the folders that this process moved away, and those of processes that ended before they removed theirs. */
export async function sweepTrash(): Promise<void> {
  for (const entry of await readdir(home('trash'))) {
    const [pid, startedAt = ''] = entry.split('.')
    const isOurs = pid === String(process.pid)
    if (isOurs || !(await isAlive({ pid: Number(pid), startedAt })))
      await rm(home('trash', entry), { recursive: true, force: true, maxRetries: 3 })
  }
}

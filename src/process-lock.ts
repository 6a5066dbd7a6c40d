import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, open } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

import { reasonOf, UserError } from './errors.ts'

export interface LockOptions {
  readonly onWait?: () => void
  /** Aborts waiting for the lock, but not the work. */
  readonly signal?: AbortSignal
}

/**
 * Does the work while it holds the lock of the file. A child process that ends with this one holds the lock, so that a
 * crash releases it.
 */
export async function withLock<Result>(
  file: string,
  work: () => Promise<Result>,
  { onWait = () => undefined, signal }: LockOptions = {},
): Promise<Result> {
  let release = await acquire(file, ['--nonblock'])
  if (release === undefined) {
    onWait()
    release = await acquire(file, [], signal)
    signal?.throwIfAborted()
  }
  if (release === undefined) throw new UserError(`cannot lock ${file}`)
  try {
    return await work()
  } finally {
    await release()
  }
}

/** Does the work like `withLock`, but returns undefined if another process holds the lock. */
export async function withLockIfFree<Result>(
  file: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const release = await acquire(file, ['--nonblock'])
  if (release === undefined) return undefined
  try {
    return { result: await work() }
  } finally {
    await release()
  }
}

async function acquire(
  file: string,
  options: readonly string[],
  signal?: AbortSignal,
): Promise<(() => Promise<void>) | undefined> {
  await makePrivate(file)
  // detached, so that it does not receive Ctrl-C from the terminal
  const holder = spawn('flock', [...options, '--no-fork', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(holder, 'exit').catch((error: unknown) => {
    throw notInstalled(error)
  })
  const stopWaiting = () => holder.kill()
  signal?.addEventListener('abort', stopWaiting)
  const complaint = text(holder.stderr)
  const isLocked = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  signal?.removeEventListener('abort', stopWaiting)
  if (!isLocked) {
    const said = (await complaint).trim()
    if (said !== '') throw new UserError(`cannot lock ${file}: ${said}`)
    return undefined
  }
  return async () => {
    holder.stdin.end()
    await ended
  }
}

/** Opens the file for its owner only, because every user who can open a file can lock it. Does not follow symlinks. */
async function makePrivate(file: string): Promise<void> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
    try {
      const { mode, uid } = await handle.stat()
      if ((mode & 0o077) !== 0 && uid === process.getuid?.()) await handle.chmod(0o600)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new UserError(`cannot lock ${file}: ${reasonOf(error)}`, { cause: error })
  }
}

function notInstalled(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error
  return new UserError('cannot lock files: flock is not installed', {
    hint: 'install util-linux: apt install util-linux, or brew install util-linux',
    cause: error,
  })
}

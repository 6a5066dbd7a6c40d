import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { UserError } from '../errors.ts'

/**
 * Does the work while no other process does work under the same file. The kernel holds the lock for a child that
 * ends with this process, so that a crash leaves nothing locked.
 */
export async function withLock<Result>(
  file: string,
  work: () => Promise<Result>,
  onWait: () => void = () => undefined,
): Promise<Result> {
  const holder = (await lockHolder(file, ['--nonblock'])) ?? (onWait(), await lockHolder(file, []))
  if (holder === undefined) throw new UserError(`cannot lock ${file}`)
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await once(holder, 'exit')
  }
}

async function lockHolder(file: string, options: readonly string[]) {
  const holder = spawn('flock', [...options, '--no-fork', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(holder, 'exit').then(() => undefined)
  const locked = once(holder.stdout, 'data').then(() => holder)
  return await Promise.race([locked, ended])
}

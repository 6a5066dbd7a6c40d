import { readFile } from 'node:fs/promises'

import { UserError } from '../../errors.ts'

/** A process, distinguished from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** Its start time, in clock ticks since the kernel's start. */
  readonly startedAt: string
}

export async function identify(pid: number): Promise<ProcessIdentity> {
  const startedAt = await startOf(pid)
  if (startedAt === undefined) throw new UserError(`process ${pid} has ended unexpectedly`)
  return { pid, startedAt }
}

export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  return (await startOf(process.pid)) === process.startedAt
}

async function startOf(pid: number): Promise<string | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'latin1')
    // the second field is the program's name in parentheses, and may contain spaces and parentheses
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

import { setTimeout } from 'node:timers/promises'
import { readFile, rename, rm, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { dismantle, inTurn } from './down.ts'
import { home } from './home.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'
import { checkName, machineFolder, readRecord } from './record.ts'
import type { Release } from './release.ts'
import { sweepTrash } from './trash.ts'

/** The state of a machine at some time, from which any number of machines can start. */
export interface Snapshot {
  readonly name: string
  readonly release: Release
  /** Its folders, topmost first, the release's image last. */
  readonly layers: readonly string[]
}

const shutdownLimit = 60_000

/** Shuts a machine down in good order and turns it into a snapshot; the machine is gone then. */
export async function snapshot(machineName: string, name: string): Promise<Snapshot> {
  checkName(name)
  const record = await readRecord(machineName)
  if (record?.booted === undefined || !(await isAlive(record.booted.process)))
    throw new UserError(`the throw-away machine ${machineName} is not up`)
  if ((await readdir(home('snapshots'))).includes(name))
    throw new UserError(`there is already a snapshot ${name}`)
  await shutDown(machineName, record.booted.process)
  const folder = home('snapshots', name)
  const made = { name, release: record.release, layers: [join(folder, 'upper'), ...record.layers] }
  await mkdir(folder)
  await rename(join(machineFolder(machineName), 'upper'), join(folder, 'upper'))
  await writeFile(join(folder, 'snapshot.json'), JSON.stringify(made, undefined, 2))
  await inTurn(() => dismantle(machineName))
  await sweepTrash()
  return made
}

export async function snapshotNamed(name: string): Promise<Snapshot> {
  try {
    return JSON.parse(await readFile(home('snapshots', name, 'snapshot.json'), 'utf8')) as Snapshot
  } catch {
    const known = await readdir(home('snapshots'))
    throw new UserError(`there is no snapshot ${name}`, {
      hint: known.length === 0 ? 'there is none at all' : `there is ${known.join(', ')}`,
    })
  }
}

export async function removeSnapshot(name: string): Promise<void> {
  await snapshotNamed(name)
  await rm(home('snapshots', name), { recursive: true })
}

/** nspawn passes the wish on to the machine's init. */
async function shutDown(name: string, nspawn: ProcessIdentity): Promise<void> {
  process.kill(nspawn.pid, 'SIGTERM')
  const deadline = Date.now() + shutdownLimit
  while (await isAlive(nspawn)) {
    if (Date.now() > deadline)
      throw new UserError(`${name} does not shut down within ${shutdownLimit / 1000} s`)
    await setTimeout(20)
  }
}

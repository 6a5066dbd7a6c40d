import { setTimeout } from 'node:timers/promises'

import { UserError } from '../../errors.ts'
import { dismantle, inTurn } from '../down.ts'
import { sweepTrash } from '../machine/cleanup.ts'
import { checkName, readRecord } from '../machine/machine-record.ts'
import { isAlive, type ProcessIdentity } from '../machine/process-identity.ts'
import { keepSnapshot, snapshotNames, type Snapshot } from './snapshot-store.ts'

const shutdownLimit = 60_000

/** Shuts a machine down cleanly and turns it into a snapshot, which removes the machine. */
export async function snapshot(machineName: string, name: string): Promise<Snapshot> {
  checkName(name)
  const record = await readRecord(machineName)
  if (record?.booted === undefined || !(await isAlive(record.booted.process)))
    throw new UserError(`the throw-away machine ${machineName} is not running`)
  if ((await snapshotNames()).includes(name)) throw new UserError(`there is already a snapshot ${name}`)
  await shutDown(machineName, record.booted.process)
  const made = await keepSnapshot(name, record)
  await inTurn(() => dismantle(machineName))
  await sweepTrash()
  return made
}

/** Sends a signal to nspawn, which asks the machine's init to shut down, and waits for its end. */
async function shutDown(name: string, nspawn: ProcessIdentity): Promise<void> {
  process.kill(nspawn.pid, 'SIGTERM')
  const deadline = Date.now() + shutdownLimit
  while (await isAlive(nspawn)) {
    if (Date.now() > deadline)
      throw new UserError(`${name} did not shut down within ${shutdownLimit / 1000} s`)
    await setTimeout(20)
  }
}

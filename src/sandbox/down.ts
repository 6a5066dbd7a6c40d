import { UserError } from '../errors.ts'
import { withLock } from '../process-lock.ts'
import { moveToTrash, sweepTrash } from './machine/cleanup.ts'
import { kill } from './machine/control-group.ts'
import { checkName, idOf, machineFolder, recordedNames } from './machine/machine-record.ts'
import { disconnect } from './network/network.ts'

const lockFile = '/run/hostwright-sandbox.lock'

/**
 * Lets only one process at a time create or remove machines, even with different state folders, because all machines
 * share a network.
 */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  return await withLock(lockFile, work)
}

/** Terminates a machine and removes everything that belongs to it, even after a crash. */
export async function down(name: string): Promise<void> {
  checkName(name)
  const known = await recordedNames()
  if (!known.includes(name)) {
    throw new UserError(`no throw-away machine ${name}`, {
      hint: known.length === 0 ? 'start one with hostwright sandbox up' : `use one of ${known.join(', ')}`,
    })
  }
  await inTurn(() => dismantle(name))
  await sweepTrash()
}

/** Does everything except the removal of the files, which takes long and needs no lock. Callers hold the lock. */
export async function dismantle(name: string): Promise<void> {
  const id = idOf(name)
  await kill(id)
  await disconnect(id)
  await moveToTrash(machineFolder(name))
}

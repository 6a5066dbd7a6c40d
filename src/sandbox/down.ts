import { UserError } from '../errors.ts'
import { withLock } from '../process-lock.ts'
import { moveToTrash, sweepTrash } from './machine/cleanup.ts'
import { kill } from './machine/control-group.ts'
import { checkName, idOf, machineFolder, recordedNames } from './machine/machine-record.ts'
import { disconnect } from './network/network.ts'

const lockFile = '/run/hostwright-sandbox.lock'

/** Work that changes which machines there are is done by one process at a time, whatever its state folder: they share a network. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  return await withLock(lockFile, work)
}

/** Ends a machine and leaves nothing of it behind, also when it crashed before. */
export async function down(name: string): Promise<void> {
  checkName(name)
  const known = await recordedNames()
  if (!known.includes(name)) {
    throw new UserError(`there is no throw-away machine ${name}`, {
      hint: known.length === 0 ? 'there is none at all' : `there is ${known.join(', ')}`,
    })
  }
  await inTurn(() => dismantle(name))
  await sweepTrash()
}

/** Everything but the removal of the files, which takes long and can be done while others go on. Callers take turns. */
export async function dismantle(name: string): Promise<void> {
  const id = idOf(name)
  await kill(id)
  await disconnect(id)
  await moveToTrash(machineFolder(name))
}

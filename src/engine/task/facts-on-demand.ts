import { TaskFailure, UserError } from '../../errors.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from '../host/host-run.ts'
import type { Neighbour } from '../host/hosts-of-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'

/** Renders, and gathers the facts of the host or of another host if the template needs them. */
export async function withFacts<Value>(
  host: HostRun,
  ahead: () => readonly ReadRequest[],
  render: () => Value,
): Promise<Value> {
  for (;;) {
    try {
      return render()
    } catch (error) {
      if (!(error instanceof NotKnown) || error.reason !== 'facts') throw error
      const other = error.host === undefined ? undefined : host.peer(error.host)
      await (other === undefined ? host.gatherFacts(ahead()) : gatherElsewhere(other))
    }
  }
}

/** Throws TaskFailure if the other host is unreachable: only the task that needs its facts fails. */
async function gatherElsewhere(other: Neighbour): Promise<void> {
  try {
    await other.gatherFacts([])
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new TaskFailure(`could not gather the facts of ${other.name}: ${error.message}`, { cause: error })
  }
}

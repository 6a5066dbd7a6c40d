import { TaskFailure, UserError } from '../../errors.ts'
import { NotKnown } from '../../variables/not-known.ts'
import type { HostRun } from '../host/host-run.ts'
import type { Neighbour } from '../host/hosts-of-run.ts'
import type { ReadRequest } from '../machine/read-request.ts'

/** Gathers the facts when, and only when, something asks for them: those of the host, or of another that it looks at. */
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

/** That the other host cannot be reached fails the task that asked: this host is well. */
async function gatherElsewhere(other: Neighbour): Promise<void> {
  try {
    await other.gatherFacts([])
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw new TaskFailure(`the facts of ${other.name} are not known: ${error.message}`, { cause: error })
  }
}

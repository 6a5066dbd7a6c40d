import { NotKnown } from '../variables/not-known.ts'
import type { HostRun } from './host-run.ts'
import type { Wish } from './reader.ts'

/** Gathers the facts when, and only when, something asks for them. */
export async function withFacts<Value>(
  host: HostRun,
  ahead: () => readonly Wish[],
  render: () => Value,
): Promise<Value> {
  try {
    return render()
  } catch (error) {
    if (!(error instanceof NotKnown) || error.reason !== 'facts') throw error
    await host.gatherFacts(ahead())
    return render()
  }
}

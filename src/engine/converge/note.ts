import type { Script } from '../../target/sh.ts'
import type { Machine } from '../machine/machine.ts'

/** A script that records on a host what must survive an interrupted run. */
export interface Note {
  /** The machine to write the note on; the change may be on another machine (`delegate_to`). */
  readonly machine: Machine
  readonly user: string | undefined
  readonly script: Script
  /** Must be called after the script succeeded. */
  written(): void
  /** A script that removes the record, if the task then has nothing to change. */
  readonly removal: Script
  /** Must be called after the record was removed. */
  removed(): void
}

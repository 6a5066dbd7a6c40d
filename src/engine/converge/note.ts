import type { Script } from '../../target/sh.ts'
import type { Machine } from '../machine/machine.ts'

/** Leaves on a host what must not be lost if the run is. */
export interface Note {
  /** The machine of the host that is noted; the change may be made on another one. */
  readonly machine: Machine
  readonly user: string | undefined
  readonly script: Script
  /** To be called when the script has run. */
  written(): void
}

import type { Script } from '../../target/sh.ts'

/** Leaves on a host what must not be lost if the run is. */
export interface Note {
  readonly script: Script
  /** To be called when the script has run. */
  written(): void
}

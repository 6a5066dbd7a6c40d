import type { Script } from './sh.ts'

/** Scripts that travel together and run one after the other, each in a fresh `sh` under `LC_ALL=C`, umask 022, in `/`. */
export interface Batch {
  readonly scripts: readonly Script[]
  /** Who runs them; without it, the user who is logged in. */
  readonly user?: string
  /** Seconds each script may take before its process group is ended. */
  readonly timeLimit: number
}

/** What became of one script. */
export interface Outcome {
  /** The exit code; 124 after the time limit. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** A machine that runs scripts. */
export interface Target {
  readonly name: string
  /**
   * Costs one round trip. The outcomes stand in the order of the scripts; after a failure the rest is missing.
   * Rejects with ConnectionError when the host is lost, and with the signal's reason when it is aborted, after
   * the running script's process group was ended on the host.
   */
  run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]>
  close(): Promise<void>
}

import type { Script } from './sh.ts'

/** Scripts that are sent together and run one after the other until one fails, each in a new `sh` with `LC_ALL=C`,
 * umask 022, in `/`. */
export interface Batch {
  readonly scripts: readonly Script[]
  /** The user to become; undefined means the login user. */
  readonly user?: string
  /** If true, the batch runs in a second shell, alongside other batches. */
  readonly beside?: boolean
  /** The seconds after which the process group of a script is killed. */
  readonly timeLimit: number
  /**
   * A script without attachments that is run before the first script and once a second while the scripts run. If it
   * fails, the running script is killed and no other script of the batch starts.
   */
  readonly guard?: Script
}

/** The result of one script. */
export interface Outcome {
  /** The exit code; 124 after the time limit, 125 if the guard stopped it, 141 if its output exceeded the limit. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  /** True if the guard stopped the script; stderr is the guard's. */
  readonly stopped?: true
  /** The stream that exceeded the limit and is cut off. The script was killed unless it had already ended. */
  readonly overflow?: 'stdout' | 'stderr'
}

/** A machine that runs scripts. */
export interface Target {
  readonly name: string
  /**
   * Runs a batch in one round trip. The outcomes are in the order of the scripts and end with the first failure.
   * Rejects with ConnectionError if the host becomes unreachable, and with the signal's reason if it is aborted, after
   * the process group of the running script was killed; scripts that are still being sent never run.
   * Rejects with UserError, and runs nothing, if the attachments do not fit on the host, or if a file on the controller
   * cannot be read or changes while it is sent.
   */
  run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]>
  close(): Promise<void>
}

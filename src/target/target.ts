import type { Script } from './sh.ts'

/** Scripts that travel together and run one after the other until one fails, each in a fresh `sh` under `LC_ALL=C`,
 * umask 022, in `/`. */
export interface Batch {
  readonly scripts: readonly Script[]
  /** Who runs them; without it, the user who is logged in. */
  readonly user?: string
  /** Run them in a shell of their own, beside what runs already. */
  readonly beside?: boolean
  /** Seconds each script may take before its process group is ended. */
  readonly timeLimit: number
  /**
   * Must end with code 0 before the first script begins, and once a second while they run; else what runs is ended,
   * and nothing more of the batch begins. It has no attachments.
   */
  readonly guard?: Script
}

/** What became of one script. */
export interface Outcome {
  /** The exit code; 124 after the time limit, 125 when the guard stopped it, 141 when it printed too much. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  /** The guard stopped it: stderr is what that said. */
  readonly stopped?: true
  /** The stream that exceeds the limit: only its beginning is here. The script was ended unless it ended first. */
  readonly overflow?: 'stdout' | 'stderr'
}

/** A machine that runs scripts. */
export interface Target {
  readonly name: string
  /**
   * Costs one round trip. The outcomes stand in the order of the scripts; after a failure the rest is missing.
   * Rejects with ConnectionError when the host is lost, and with the signal's reason when it is aborted, after
   * the running script's process group was ended on the host; where the scripts are still on their way, they are not
   * run any more. Rejects with UserError, and runs nothing, when there is no room on the host for the attachments, or
   * a file of the controller can't be read or changes while it is sent.
   */
  run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]>
  close(): Promise<void>
}

import type { RunEvent } from '../engine/event.ts'
import type { Printer } from './printer.ts'

/** A printer of the events of a run. */
export interface Reporter {
  handle(event: RunEvent): void
  /** Holds back output while a prompt is open. */
  quietly<Answer>(asking: () => Promise<Answer>): Promise<Answer>
  /** Ends the report and cleans up the terminal. */
  end(): void
}

export interface ReportOptions {
  /** Shows changes in full. */
  readonly diff: boolean
  /** 0: results; 1: also the position of each task and the reason why it was skipped. */
  readonly verbosity: number
}

/** Creates a reporter that prints in one format. */
export type CreateReporter = (printer: Printer, options: ReportOptions) => Reporter

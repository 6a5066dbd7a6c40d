import type { RunEvent } from '../engine/event.ts'

/** Prints the events of a run. */
export interface Reporter {
  handle(event: RunEvent): void
  /** Holds back output while a prompt is open. */
  quietly<Answer>(asking: () => Promise<Answer>): Promise<Answer>
  /** Ends the report and cleans up the terminal. */
  end(): void
}

import type { RunEvent } from '../engine/event.ts'

/** Turns the events of a run into something to read. */
export interface Reporter {
  handle(event: RunEvent): void
  /** Writes nothing while somebody is asked something. */
  quietly<Answer>(asking: () => Promise<Answer>): Promise<Answer>
  /** Nothing follows; a terminal is left tidy. */
  end(): void
}

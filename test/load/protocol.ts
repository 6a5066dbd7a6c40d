import type { RecordedFigures } from './logbook.ts'
import type { CompleteSettings, LiveRelease } from './settings.ts'

/** An order from a test to the process that generates the load. */
export type Order =
  | { readonly name: 'start'; readonly settings: CompleteSettings }
  | { readonly name: 'allow'; readonly next: LiveRelease }
  | { readonly name: 'settle' }
  | { readonly name: 'open'; readonly window: string }
  | { readonly name: 'close'; readonly window: string }
  /** Answered when this many more requests have been answered or lost. */
  | { readonly name: 'await'; readonly answers: number }
  /** Answered with the report. */
  | { readonly name: 'stop' }

export interface Command {
  readonly id: number
  readonly order: Order
}

export interface Reply {
  readonly id: number
  readonly report?: Report
  /** The reason why the order failed. */
  readonly refused?: string
}

export interface Report extends RecordedFigures {
  readonly ended: 'when told' | 'at its maximum of requests' | 'at its maximum of seconds'
}

import type { RecordedFigures } from './logbook.ts'
import type { CompleteSettings, LiveRelease } from './settings.ts'

/** What a test tells the process that makes the load. */
export type Order =
  | { readonly name: 'start'; readonly settings: CompleteSettings }
  | { readonly name: 'allow'; readonly next: LiveRelease }
  | { readonly name: 'settle' }
  | { readonly name: 'open'; readonly window: string }
  | { readonly name: 'close'; readonly window: string }
  /** Is answered when so many more requests have been answered, or lost. */
  | { readonly name: 'await'; readonly answers: number }
  /** Is answered with the report. */
  | { readonly name: 'stop' }

export interface Command {
  readonly id: number
  readonly order: Order
}

export interface Reply {
  readonly id: number
  readonly report?: Report
  /** Why the order was not carried out. */
  readonly refused?: string
}

export interface Report extends RecordedFigures {
  readonly ended: 'when told' | 'at its maximum of requests' | 'at its maximum of seconds'
}

import type { LimitFunction } from 'p-limit'

import type { Listener } from '../event.ts'

export interface RunSettings {
  readonly check: boolean
  readonly showCommands: boolean
  readonly forceHandlers: boolean
  readonly signal: AbortSignal
  readonly emit: Listener
  /** Limits how many hosts work at the same time. */
  readonly limit: LimitFunction
}

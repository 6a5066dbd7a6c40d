import type { LimitFunction } from 'p-limit'

import type { Listener } from '../event.ts'

export interface RunSettings {
  readonly check: boolean
  readonly showCommands: boolean
  readonly forceHandlers: boolean
  readonly signal: AbortSignal
  readonly emit: Listener
  /** How many hosts work at a time. */
  readonly limit: LimitFunction
}

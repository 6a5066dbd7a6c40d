import type { Connection } from './pipes.ts'
import type { ConnectionSettings } from './settings.ts'

export function connectBySsh(settings: ConnectionSettings, _signal?: AbortSignal): Promise<Connection> {
  return Promise.reject(new Error(`not yet: ${settings.name}`))
}

import { ConnectionError } from '../../errors.ts'
import type { Ending } from '../pipes.ts'

interface ShellState {
  /** The batch under way, if there is one. */
  readonly exchange: { readonly started: boolean } | undefined
  /** The stderr of the shell. */
  readonly stderr: string
}

/** Returns the error of a shell that ended, or whose batch the host cancelled. */
export function lostConnection(
  host: string,
  ending: Ending,
  { exchange, stderr }: ShellState,
): ConnectionError {
  const details = stderr.trim()
  return new ConnectionError(
    host,
    'lost',
    `${host}: ${cause(ending)}${during(exchange)}${details === '' ? '' : `: ${details}`}`,
    exchange?.started === true ? { hint: 'run again when the host is reachable' } : {},
  )
}

function cause(ending: Ending): string {
  if (ending.signal !== undefined) return `the remote shell was killed by ${ending.signal}`
  if (ending.code !== undefined) return `the remote shell exited with code ${ending.code}`
  return `the connection was lost${ending.cause === undefined ? '' : ` (${ending.cause.message})`}`
}

function during(exchange: ShellState['exchange']): string {
  if (exchange === undefined) return ''
  return exchange.started ? ' while a script was running' : ' while a script was being sent'
}

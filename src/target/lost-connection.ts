import { ConnectionError } from '../errors.ts'
import type { Ending } from './pipes.ts'

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
  return lost(
    host,
    `${cause(ending)}${during(exchange)}${details === '' ? '' : `: ${details}`}`,
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

/** Returns the error of a connection that ended before its first shell ran. */
export function lostAfterLogin(host: string): ConnectionError {
  return lost(host, 'the connection was lost right after the login')
}

/** Returns the error of a connection on which no further shell can be opened. */
export function lostBeforeSession(host: string, error: Error): ConnectionError {
  return lost(host, `could not open a session: ${error.message}`, { cause: error })
}

/** Returns the error of a batch on a connection that the run has closed. */
export function closedConnection(host: string): ConnectionError {
  return lost(host, 'the connection was closed')
}

/** Returns the error of a shell that reports why it cannot continue. */
export function stoppedShell(host: string, reason: string): ConnectionError {
  return lost(host, reason)
}

/** Returns the error of a shell whose output violates the protocol. */
export function invalidOutput(host: string, problem: string): ConnectionError {
  return lost(host, problem, { hint: 'check sh, head and cat on the host: it may be compromised' })
}

/** Returns the error of a batch of which the host accepted no more in this time. */
export function stuckUpload(host: string, seconds: number): ConnectionError {
  return lost(host, `the upload of a script's files made no progress for ${seconds} seconds`)
}

/** Returns the error of a batch that did not end after its time limits. */
export function unkillableScript(host: string): ConnectionError {
  return lost(host, 'a script exceeded its time limit and could not be killed', {
    hint: 'look for state D in ps: a process that waits for a disk or a network file system cannot be killed',
  })
}

function lost(
  host: string,
  message: string,
  options: { readonly hint?: string; readonly cause?: Error } = {},
): ConnectionError {
  return new ConnectionError(host, 'lost', `${host}: ${message}`, options)
}

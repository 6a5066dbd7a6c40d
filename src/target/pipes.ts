import type { Readable, Writable } from 'node:stream'

import { ConnectionError } from '../errors.ts'

/** The error if the host allows no more processes at the same time over one connection. */
export class SessionLimitError extends ConnectionError {
  override name = 'SessionLimitError'
}

/** The end of a process on the host. */
export interface Ending {
  readonly code?: number
  readonly signal?: string
  /** The error that ended the connection. */
  readonly cause?: Error
}

/** A process on the host, with its three pipes. */
export interface Pipes {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ended: Promise<Ending>
}

/** A way to start processes on a machine: an SSH connection, or this machine. */
export interface Connection {
  /** The login user. */
  readonly user: string
  /** Runs the command in the user's login shell. Rejects with SessionLimitError if other processes must end first. */
  open(command: string): Promise<Pipes>
  close(): Promise<void>
}

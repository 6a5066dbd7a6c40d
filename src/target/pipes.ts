import type { Readable, Writable } from 'node:stream'

import { ConnectionError } from '../errors.ts'

/** The host allows no more processes at the same time over one connection. */
export class SessionLimitError extends ConnectionError {
  override name = 'SessionLimitError'
}

/** How a process on the host ended. */
export interface Ending {
  readonly code?: number
  readonly signal?: string
  /** What broke the connection. */
  readonly cause?: Error
}

/** A process on the host, with its three pipes. */
export interface Pipes {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ended: Promise<Ending>
}

/** A way to start processes on a machine: an SSH connection, or this machine itself. */
export interface Connection {
  /** Who is logged in. */
  readonly user: string
  /** The login shell of the user gets the command. Rejects with SessionLimitError where others must end first. */
  open(command: string): Promise<Pipes>
  close(): Promise<void>
}

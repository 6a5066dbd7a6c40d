import { defaultBecomeMethod } from '../become-methods.ts'
import { now } from '../clock.ts'
import { ConnectionError, UserError } from '../errors.ts'
import { connectLocally } from './local.ts'
import type { Connection } from './pipes.ts'
import type { ConnectionSettings } from './settings.ts'
import { openBecomeShell, openLoginShell } from './shell/open-shell.ts'
import { ShellPool } from './shell/shell-pool.ts'
import type { Shell } from './shell/shell.ts'
import type { ConfigAnswers } from './ssh/config-answers.ts'
import { connectBySsh } from './ssh/ssh-connection.ts'
import type { Batch, Outcome, Target } from './target.ts'

export interface OpenOptions {
  readonly signal?: AbortSignal
  /** The answers of `ssh -G`, shared by the hosts of a run. */
  readonly configAnswers?: ConfigAnswers
}

/** The cost of a connection so far. */
export interface TargetStatistics {
  /** The time from the first packet to the open shells. */
  readonly loginMilliseconds: number
  /** The number of batches; each is one round trip. */
  readonly batches: number
}

export interface OpenTarget extends Target {
  readonly user: string
  statistics(): TargetStatistics
}

/** Connects, logs in and opens a shell of the login user and, if the settings have one, of the become user. */
export async function openTarget(
  settings: ConnectionSettings,
  options: OpenOptions = {},
): Promise<OpenTarget> {
  try {
    return await openOrFail(settings, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    throw asConnectionError(settings.name, error)
  }
}

/** Turns a UserError, such as an unknown passphrase, into a ConnectionError: the host is unreachable. */
function asConnectionError(name: string, error: unknown): unknown {
  if (!(error instanceof UserError) || error instanceof ConnectionError) return error
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  return new ConnectionError(name, 'authentication', `${name}: ${error.message}`, { ...hint, cause: error })
}

async function openOrFail(settings: ConnectionSettings, options: OpenOptions): Promise<ShellTarget> {
  options.signal?.throwIfAborted()
  const started = now()
  const connection =
    settings.connection === 'local'
      ? connectLocally()
      : await connectBySsh(settings, options.signal, options.configAnswers)
  const target = new ShellTarget(settings, connection)
  const abort = () => void target.close()
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    await target.open([connection.user, settings.become?.user ?? connection.user])
    options.signal?.throwIfAborted()
  } catch (error) {
    await target.close()
    options.signal?.throwIfAborted()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
  target.loginMilliseconds = now() - started
  return target
}

/** The prefix of the key of a user's second shell; no user name starts with it. */
const besidePrefix = '/'

class ShellTarget implements OpenTarget {
  readonly name: string
  readonly user: string
  loginMilliseconds = 0
  readonly #settings: ConnectionSettings
  readonly #connection: Connection
  readonly #shells = new ShellPool((user) => this.#openShell(user))
  #batches = 0

  constructor(settings: ConnectionSettings, connection: Connection) {
    this.name = settings.name
    this.user = connection.user
    this.#settings = settings
    this.#connection = connection
  }

  async open(users: readonly string[]): Promise<void> {
    await Promise.all(users.map((user) => this.#shells.use(user, () => Promise.resolve())))
  }

  async run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]> {
    signal?.throwIfAborted()
    if (batch.scripts.length === 0) return []
    const user = batch.user ?? this.user
    return this.#shells.use(batch.beside === true ? `${besidePrefix}${user}` : user, (shell) => {
      this.#batches += 1
      return shell.run(batch, signal)
    })
  }

  async close(): Promise<void> {
    this.#shells.close()
    await this.#connection.close()
  }

  statistics(): TargetStatistics {
    return { loginMilliseconds: this.loginMilliseconds, batches: this.#batches }
  }

  #openShell(seat: string): Promise<Shell> {
    const user = seat.startsWith(besidePrefix) ? seat.slice(besidePrefix.length) : seat
    const { become } = this.#settings
    return user === this.user
      ? openLoginShell(this.name, this.#connection)
      : openBecomeShell(this.name, this.#connection, { method: defaultBecomeMethod, ...become, user })
  }
}

import { connectLocally } from './local.ts'
import { openBecomeShell, openLoginShell } from './open-shell.ts'
import type { Connection } from './pipes.ts'
import type { ConnectionSettings } from './settings.ts'
import type { Shell } from './shell.ts'
import { connectBySsh } from './ssh-connection.ts'
import type { Batch, Outcome, Target } from './target.ts'

export interface OpenOptions {
  readonly signal?: AbortSignal
}

/** What a machine has cost so far. */
export interface TargetStatistics {
  /** From the first packet to the open shells. */
  readonly loginMilliseconds: number
  /** Each of them was one round trip. */
  readonly batches: number
}

export interface OpenTarget extends Target {
  readonly user: string
  statistics(): TargetStatistics
}

/** OpenSSH lets a connection have 10 sessions, but counts those that are being closed. */
const shellLimit = 6

/** Connects, logs in and opens the login user's shell and, where the settings name one, the become user's beside it. */
export async function openTarget(
  settings: ConnectionSettings,
  options: OpenOptions = {},
): Promise<OpenTarget> {
  options.signal?.throwIfAborted()
  const started = performance.now()
  const connection =
    settings.connection === 'local' ? connectLocally() : await connectBySsh(settings, options.signal)
  const target = new ShellTarget(settings, connection)
  try {
    await Promise.all([target.shell(connection.user), target.shell(settings.become?.user ?? connection.user)])
    options.signal?.throwIfAborted()
  } catch (error) {
    await target.close()
    throw error
  }
  target.loginMilliseconds = performance.now() - started
  return target
}

class ShellTarget implements OpenTarget {
  readonly name: string
  readonly user: string
  loginMilliseconds = 0
  readonly #settings: ConnectionSettings
  readonly #connection: Connection
  readonly #shells = new Map<string, Promise<Shell>>()
  #closedBatches = 0
  #open: Shell[] = []

  constructor(settings: ConnectionSettings, connection: Connection) {
    this.name = settings.name
    this.user = connection.user
    this.#settings = settings
    this.#connection = connection
  }

  async run(batch: Batch, signal?: AbortSignal): Promise<readonly Outcome[]> {
    signal?.throwIfAborted()
    const shell = await this.shell(batch.user ?? this.user)
    return shell.run(batch, signal)
  }

  async close(): Promise<void> {
    for (const shell of this.#open) shell.close()
    await this.#connection.close()
  }

  statistics(): TargetStatistics {
    const batches = this.#open.reduce((sum, shell) => sum + shell.batches, this.#closedBatches)
    return { loginMilliseconds: this.loginMilliseconds, batches }
  }

  shell(user: string): Promise<Shell> {
    const present = this.#shells.get(user)
    if (present !== undefined) return present
    this.#makeRoom()
    const opening = this.#openShell(user)
    this.#shells.set(user, opening)
    opening.catch(() => this.#shells.delete(user))
    return opening
  }

  async #openShell(user: string): Promise<Shell> {
    const { become } = this.#settings
    const shell =
      user === this.user
        ? await openLoginShell(this.name, this.#connection)
        : await openBecomeShell(this.name, this.#connection, { method: 'sudo', ...become, user })
    this.#open.push(shell)
    return shell
  }

  #makeRoom(): void {
    if (this.#open.length < shellLimit) return
    const idle = this.#open.find((shell) => shell.idle)
    if (idle === undefined) return
    idle.close()
    this.#shells.delete(idle.user)
    this.#closedBatches += idle.batches
    this.#open = this.#open.filter((shell) => shell !== idle)
  }
}

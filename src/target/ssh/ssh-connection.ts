import { Writable, type Duplex } from 'node:stream'
import pRetry from 'p-retry'
import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

import { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import { lostBeforeSession } from '../lost-connection.ts'
import { SessionLimitError } from '../pipes.ts'
import type { Connection, Ending, Pipes } from '../pipes.ts'
import type { ConnectionSettings } from '../settings.ts'
import type { ConfigAnswers } from './config-answers.ts'
import { resolveConnection } from './ssh-config.ts'
import type { ResolvedConnection } from './ssh-config.ts'
import { login, prepareLogin } from './ssh-login.ts'
import type { LoginPlan } from './ssh-login.ts'
import { openSocket } from './ssh-socket.ts'

/** Connects and logs in, through jump hosts if needed. Retries if the connection was refused or timed out. */
export async function connectBySsh(
  settings: ConnectionSettings,
  signal?: AbortSignal,
  answers?: ConfigAnswers,
): Promise<SshConnection> {
  const resolved = await resolveConnection(settings, answers)
  const plan = await prepareLogin(settings, resolved)
  const carrier =
    resolved.jump === undefined ? undefined : await connectJumpHost(settings, resolved.jump, signal, answers)
  try {
    const { client, socket } = await pRetry(() => connectOnce(plan, carrier, signal), {
      retries: 2,
      minTimeout: 500,
      randomize: true,
      shouldRetry: ({ error }) =>
        error instanceof ConnectionError && /^(refused|timeout)$/.test(error.problem),
      ...(signal === undefined ? {} : { signal }),
    })
    return new SshConnection(resolved, client, socket, carrier)
  } catch (error) {
    await carrier?.close()
    throw error
  }
}

/** Connects to the jump host. Errors name the host behind it. */
async function connectJumpHost(
  { name }: ConnectionSettings,
  jump: ConnectionSettings,
  signal: AbortSignal | undefined,
  answers: ConfigAnswers | undefined,
): Promise<SshConnection> {
  try {
    return await connectBySsh(jump, signal, answers)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    throw new ConnectionError(
      name,
      error.problem,
      `${name}: could not connect to the jump host: ${error.message}`,
      {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      },
    )
  }
}

async function connectOnce(
  plan: LoginPlan,
  carrier: SshConnection | undefined,
  signal: AbortSignal | undefined,
): Promise<{ client: ssh2.Client; socket: Duplex }> {
  const socket = carrier === undefined ? await openSocket(plan, signal) : await carrier.forward(plan.resolved)
  return { client: await login(socket, plan, signal), socket }
}

/** The milliseconds before a refused channel is retried once: the server may still count one that was just closed. */
const channelPause = 200

class SshConnection implements Connection {
  readonly user: string
  readonly #client: ssh2.Client
  readonly #socket: Duplex
  readonly #carrier: SshConnection | undefined
  readonly #name: string
  readonly #closed: Promise<Ending>

  constructor(
    { name, user }: ResolvedConnection,
    client: ssh2.Client,
    socket: Duplex,
    carrier: SshConnection | undefined,
  ) {
    this.user = user
    this.#name = name
    this.#client = client
    this.#socket = socket
    this.#carrier = carrier
    // ssh2 counts only answers to its keepalives as signs of life, and they queue behind the data of an upload. Over a
    // slow link, the host confirms the received data in the meantime.
    const { _resetKA: postponeKeepalive } = client as unknown as { readonly _resetKA: () => void }
    socket.on('data', postponeKeepalive)
    this.#closed = new Promise((resolve) => {
      client.once('error', (cause) => {
        resolve({ cause })
      })
      client.once('close', () => {
        resolve({})
      })
    })
  }

  async open(command: string): Promise<Pipes> {
    try {
      return await this.#exec(command)
    } catch (error) {
      if (!(error instanceof SessionLimitError)) throw error
      await new Promise((resolve) => setTimeout(resolve, channelPause))
      return this.#exec(command)
    }
  }

  /** Resolves when the kernel has taken all written data, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain)
      await Promise.race([new Promise((resolve) => this.#socket.once('drain', resolve)), this.#closed])
    await this.#carrier?.drained()
  }

  /** Opens a stream from the host to another machine. */
  forward({ name, address, port }: ResolvedConnection): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error === undefined) resolve(stream)
        else
          reject(
            new ConnectionError(
              name,
              'refused',
              `${name}: the jump host could not reach ${address} port ${port}: ${error.message}`,
              { cause: error },
            ),
          )
      })
    })
  }

  /** Closes the connection without waiting until the shells on the host have ended. */
  async close(): Promise<void> {
    this.#client.end()
    await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, 20).unref())])
    this.#client.destroy()
    await this.#carrier?.close()
  }

  async #exec(command: string): Promise<Pipes> {
    try {
      return await new Promise((resolve, reject) => {
        // exec throws if the connection is closed.
        this.#client.exec(command, (error, channel) => {
          // At once: the exit code of a short command may be in the same packet.
          if (error === undefined) resolve(pipesOf(channel, this.#closed, () => this.drained()))
          else reject(error)
        })
      })
    } catch (error) {
      throw this.#describe(error as Error)
    }
  }

  #describe(error: Error): ConnectionError {
    return isRefusedChannel(error)
      ? new SessionLimitError(this.#name, 'refused', `${this.#name}: the host refused to open a session`, {
          cause: error,
          hint: "increase MaxSessions in the host's sshd_config",
        })
      : lostBeforeSession(this.#name, error)
  }
}

/** Returns whether the host refused a channel. Only its reason is a number; the text differs between SSH servers. */
function isRefusedChannel(error: Error): boolean {
  return 'reason' in error && typeof error.reason === 'number'
}

/** The seconds to wait for output after the exit code: a process of a login script may keep the channel open. */
const lateOutput = 1

function pipesOf(channel: ClientChannel, closed: Promise<Ending>, drained: () => Promise<void>): Pipes {
  const ended = new Promise<Ending>((resolve) => {
    let ending: Ending = {}
    let limit: HostTimeLimit | undefined
    channel.on('exit', (code: number | null, signal?: string) => {
      ending = { ...(code === null ? {} : { code }), ...(signal === undefined ? {} : { signal }) }
      limit = new HostTimeLimit(lateOutput, () => {
        resolve(ending)
      })
    })
    channel.on('close', () => {
      limit?.clear()
      resolve(ending)
    })
    void closed.then((connection) => {
      limit?.clear()
      resolve({ ...connection, ...ending })
    })
  })
  channel.on('error', () => {
    // Ignored: a write after the end.
  })
  return { stdin: inputOf(channel, drained), stdout: channel, stderr: channel.stderr, ended }
}

/**
 * Returns an input that waits for the network. A channel alone would buffer its whole window, 2 MB, in memory.
 * Writes to an ended channel are discarded without an error: the end of the process gives a better reason.
 */
function inputOf(channel: ClientChannel, drained: () => Promise<void>): Writable {
  return new Writable({
    write(bytes: Buffer, _encoding, done) {
      channel.write(bytes, () => {
        void drained().then(() => {
          done()
        })
      })
    },
    final(done) {
      channel.end()
      done()
    },
  })
}

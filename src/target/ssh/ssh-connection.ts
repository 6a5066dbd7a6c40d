import { Writable, type Duplex } from 'node:stream'
import pRetry from 'p-retry'
import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

import { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import { SessionLimitError } from '../pipes.ts'
import type { Connection, Ending, Pipes } from '../pipes.ts'
import type { ConnectionSettings } from '../settings.ts'
import type { ConfigAnswers } from './config-answers.ts'
import { resolveConnection } from './ssh-config.ts'
import type { ResolvedConnection } from './ssh-config.ts'
import { login, prepareLogin } from './ssh-login.ts'
import type { LoginPlan } from './ssh-login.ts'
import { openSocket } from './ssh-socket.ts'

/** Connects and logs in, through other machines where need be; tries again where that may help. */
export async function connectBySsh(
  settings: ConnectionSettings,
  signal?: AbortSignal,
  answers?: ConfigAnswers,
): Promise<SshConnection> {
  const resolved = await resolveConnection(settings, answers)
  const plan = await prepareLogin(settings, resolved)
  const carrier =
    resolved.jump === undefined ? undefined : await connectOnTheWay(settings, resolved.jump, signal, answers)
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

/** To the machine in between; what is wrong there is said of the host that is wanted. */
async function connectOnTheWay(
  { name }: ConnectionSettings,
  jump: ConnectionSettings,
  signal: AbortSignal | undefined,
  answers: ConfigAnswers | undefined,
): Promise<SshConnection> {
  try {
    return await connectBySsh(jump, signal, answers)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    throw new ConnectionError(name, error.problem, `${name}: on the way there: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    })
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

/** Milliseconds after which a channel that could not be opened is tried once more: the server may still count one that was just closed. */
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
    let channel: ClientChannel
    try {
      channel = await this.#exec(command)
    } catch (error) {
      if (!(error instanceof SessionLimitError)) throw error
      await new Promise((resolve) => setTimeout(resolve, channelPause))
      channel = await this.#exec(command)
    }
    return pipesOf(channel, this.#closed, () => this.drained())
  }

  /** When what was written is in the kernel's hands, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#socket.writableNeedDrain)
      await Promise.race([new Promise((resolve) => this.#socket.once('drain', resolve)), this.#closed])
    await this.#carrier?.drained()
  }

  /** A stream to another machine, from the one at the end of this connection. */
  forward({ name, address, port }: ResolvedConnection): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
        if (error === undefined) resolve(stream)
        else
          reject(
            new ConnectionError(
              name,
              'refused',
              `${name}: the machine in between could not reach ${address} port ${port}: ${error.message}`,
              { cause: error },
            ),
          )
      })
    })
  }

  /** The host hears of it, and its shells end; that is not waited for. */
  async close(): Promise<void> {
    this.#client.end()
    await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, 20).unref())])
    this.#client.destroy()
    await this.#carrier?.close()
  }

  async #exec(command: string): Promise<ClientChannel> {
    try {
      return await new Promise((resolve, reject) => {
        // where the connection is gone it throws
        this.#client.exec(command, (error, channel) => {
          if (error === undefined) resolve(channel)
          else reject(error)
        })
      })
    } catch (error) {
      throw this.#describe(error as Error)
    }
  }

  #describe(error: Error): ConnectionError {
    const options = { cause: error }
    return error.message.includes('open failed')
      ? new SessionLimitError(this.#name, 'refused', `${this.#name}: the host opens no session`, {
          ...options,
          hint: 'look at MaxSessions in its sshd_config',
        })
      : new ConnectionError(this.#name, 'lost', `${this.#name}: no session: ${error.message}`, options)
  }
}

/** Seconds that output may still take after the exit code: a process of a login script may hold the channel open. */
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
    // a write after its end
  })
  return { stdin: inputOf(channel, drained), stdout: channel, stderr: channel.stderr, ended }
}

/**
 * A channel itself takes as much as its window allows, 2 MB, into this process's memory, however slow the network is.
 * What is written to one that has ended is lost without an error: the end of the process tells more.
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

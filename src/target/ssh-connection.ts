import { connect as connectSocket } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import pRetry from 'p-retry'
import ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

import { ConnectionError } from '../errors.ts'
import type { Connection, Ending, Pipes } from './pipes.ts'
import type { ConnectionSettings } from './settings.ts'
import { resolveConnection } from './ssh-config.ts'
import type { ResolvedConnection } from './ssh-config.ts'
import { login } from './ssh-login.ts'

/** Seconds. */
const defaultConnectTimeout = 10

/** Connects and logs in, through other machines where need be; tries again where that may help. */
export async function connectBySsh(
  settings: ConnectionSettings,
  signal?: AbortSignal,
): Promise<SshConnection> {
  const resolved = await resolveConnection(settings)
  const carrier = resolved.jump === undefined ? undefined : await connectBySsh(resolved.jump, signal)
  try {
    const client = await pRetry(() => connectOnce(settings, resolved, carrier, signal), {
      retries: 2,
      minTimeout: 500,
      randomize: true,
      shouldRetry: ({ error }) =>
        error instanceof ConnectionError && /^(refused|timeout)$/.test(error.problem),
      ...(signal === undefined ? {} : { signal }),
    })
    return new SshConnection(resolved.user, client, carrier)
  } catch (error) {
    await carrier?.close()
    throw error
  }
}

async function connectOnce(
  settings: ConnectionSettings,
  resolved: ResolvedConnection,
  carrier: SshConnection | undefined,
  signal: AbortSignal | undefined,
): Promise<ssh2.Client> {
  const seconds = settings.connectTimeout ?? defaultConnectTimeout
  const { name, address, port } = resolved
  const socket =
    carrier === undefined
      ? await openSocket(resolved, seconds, signal)
      : await carrier.forward(name, address, port)
  return login(socket, settings, resolved, seconds, signal)
}

function openSocket(
  { name, address, port }: ResolvedConnection,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: address, port, noDelay: true })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(
        new ConnectionError(
          name,
          'timeout',
          `${name}: ${address} port ${port} did not answer within ${seconds} seconds`,
          { hint: 'is the host up, is the address right, does a firewall drop the packets?' },
        ),
      )
    }, seconds * 1000)
    const abort = () => {
      clearTimeout(timer)
      socket.destroy()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('connect', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      reject(describeSocketError(name, address, port, error))
    })
  })
}

function describeSocketError(
  name: string,
  address: string,
  port: number,
  error: NodeJS.ErrnoException,
): ConnectionError {
  switch (error.code ?? '') {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError(name, 'address', `${name}: no address is known for ${address}`, {
        cause: error,
        hint: 'check the name, or set ansible_host',
      })
    case 'ECONNREFUSED':
      return new ConnectionError(name, 'refused', `${name}: nothing listens on ${address} port ${port}`, {
        cause: error,
        hint: 'is sshd running there, and on this port?',
      })
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ConnectionError(name, 'address', `${name}: there is no route to ${address}`, {
        cause: error,
      })
    case 'ETIMEDOUT':
      return new ConnectionError(name, 'timeout', `${name}: ${address} port ${port} does not answer`, {
        cause: error,
      })
    default:
      return new ConnectionError(
        name,
        'refused',
        `${name}: no connection to ${address} port ${port}: ${error.message}`,
        { cause: error },
      )
  }
}

/** Milliseconds after which a channel that could not be opened is tried once more: the server may still count one that was just closed. */
const channelPause = 200

class SshConnection implements Connection {
  readonly user: string
  readonly #client: ssh2.Client
  readonly #carrier: Connection | undefined
  readonly #closed: Promise<void>

  constructor(user: string, client: ssh2.Client, carrier: Connection | undefined) {
    this.user = user
    this.#client = client
    this.#carrier = carrier
    this.#closed = new Promise((resolve) => {
      client.once('close', resolve)
    })
    // the channels end, and tell
    client.on('error', () => undefined)
  }

  async open(command: string): Promise<Pipes> {
    let channel: ClientChannel
    try {
      channel = await this.#exec(command)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('open failed')) throw error
      await new Promise((resolve) => setTimeout(resolve, channelPause))
      channel = await this.#exec(command)
    }
    return pipesOf(channel, this.#closed)
  }

  forward(name: string, address: string, port: number): Promise<Duplex> {
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

  #exec(command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error === undefined) resolve(channel)
        else reject(error)
      })
    })
  }
}

/** Milliseconds that output may still take after the exit code: a process of a login script may hold the channel open. */
const lateOutput = 1000

function pipesOf(channel: ClientChannel, closed: Promise<void>): Pipes {
  const ended = new Promise<Ending>((resolve) => {
    let ending: Ending = {}
    channel.on('exit', (code: number | null, signal?: string) => {
      ending = { ...(code === null ? {} : { code }), ...(signal === undefined ? {} : { signal }) }
      setTimeout(() => {
        resolve(ending)
      }, lateOutput).unref()
    })
    channel.on('close', () => {
      resolve(ending)
    })
    void closed.then(() => {
      resolve(ending)
    })
  })
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended }
}

import { connect } from 'node:net'
import type { Socket } from 'node:net'

import { ConnectionError } from '../../errors.ts'
import { HostTimeLimit } from '../host-time.ts'
import type { LoginPlan } from './ssh-login.ts'

/** Connects a socket without Nagle's algorithm, which would delay every small request by 40 ms. */
export function openSocket(
  { resolved: { name, address, port }, seconds }: LoginPlan,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true })
    const end = (error: Error) => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abort = () => {
      end(signal?.reason as Error)
    }
    const fail = (error: NodeJS.ErrnoException) => {
      end(describeSocketError(name, address, port, error))
    }
    const limit = new HostTimeLimit(seconds, () => {
      end(
        new ConnectionError(
          name,
          'timeout',
          `${name}: ${address} port ${port} did not answer within ${seconds} seconds`,
          { hint: 'check that the host is up, the address is correct, and no firewall drops the packets' },
        ),
      )
    })
    const settle = () => {
      limit.clear()
      signal?.removeEventListener('abort', abort)
      socket.off('error', fail)
    }
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('error', fail)
    socket.once('connect', () => {
      settle()
      sendTogether(socket)
      resolve(socket)
    })
  })
}

/** Sends consecutive writes in one packet: ssh2 writes length, content and tag of each message separately. */
function sendTogether(socket: Socket): void {
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean
  socket.write = (...parameters: unknown[]): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => {
        socket.uncork()
      })
    }
    return write(...parameters)
  }
}

/** Explains why a connection failed. */
export function describeSocketError(
  name: string,
  address: string,
  port: number,
  error: NodeJS.ErrnoException,
): ConnectionError {
  switch (error.code ?? '') {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError(name, 'address', `${name}: cannot resolve ${address}`, {
        cause: error,
        hint: 'check the name, or set ansible_host',
      })
    case 'ECONNREFUSED':
      return new ConnectionError(name, 'refused', `${name}: nothing listens on ${address} port ${port}`, {
        cause: error,
        hint: 'check that sshd runs on the host and listens on this port',
      })
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ConnectionError(name, 'address', `${name}: no route to ${address}`, {
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
        `${name}: could not connect to ${address} port ${port}: ${error.message}`,
        { cause: error },
      )
  }
}

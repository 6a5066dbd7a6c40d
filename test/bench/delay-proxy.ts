import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface DelayProxyOptions {
  readonly host: string
  readonly port: number
  /** The delay of bytes in each direction, in milliseconds. */
  readonly delay: number
}

export interface DelayProxy {
  /** The port on 127.0.0.1. */
  readonly port: number
  /**
   * The length of the longest chain since the last mark in which each request was sent after the previous answer had
   * arrived. Requests that do not wait for each other, and a stream of many packets, count once.
   */
  roundTrips(): number
  mark(): void
  /** Breaks all connections at both ends; if a number is given, after this many more bytes from the host. */
  cut(afterBytes?: number): void
  close(): Promise<void>
}

/** Simulates a wire between client and host, which delays bytes without limiting the throughput. */
export async function startDelayProxy({ host, port, delay }: DelayProxyOptions): Promise<DelayProxy> {
  const connections = new Set<DelayedConnection>()
  let bytesLeft = Infinity
  let marked = 0
  const cutAll = () => {
    for (const connection of connections) connection.destroy()
  }
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const connection = new DelayedConnection(
      client,
      connect({ host, port, noDelay: true, allowHalfOpen: true }),
      {
        delay,
        allowed(size) {
          const allowed = Math.min(size, bytesLeft)
          bytesLeft -= allowed
          return allowed
        },
      },
    )
    connections.add(connection)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const total = () => [...connections].reduce((sum, connection) => sum + connection.roundTrips, 0)
  return {
    port: (server.address() as AddressInfo).port,
    roundTrips: () => total() - marked,
    mark() {
      marked = total()
    },
    cut(afterBytes = 0) {
      bytesLeft = afterBytes
      if (afterBytes === 0) cutAll()
    },
    close() {
      cutAll()
      return new Promise((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
    },
  }
}

interface Wire {
  readonly delay: number
  /** Returns how many of these bytes from the host may still pass. */
  allowed(size: number): number
}

class DelayedConnection {
  /** The length of the longest chain of the answers that the client has. */
  roundTrips = 0
  readonly #client: Socket
  readonly #host: Socket
  readonly #wire: Wire
  #asked = 0

  constructor(client: Socket, host: Socket, wire: Wire) {
    this.#client = client
    this.#host = host
    this.#wire = wire
    client.on('data', (chunk) => {
      const chain = this.roundTrips + 1
      this.#later(() => {
        this.#asked = Math.max(this.#asked, chain)
        host.write(chunk)
      })
    })
    host.on('data', (chunk) => {
      const chain = this.#asked
      this.#later(() => {
        // a closed connection needs no answer
        if (!client.readableEnded) this.roundTrips = Math.max(this.roundTrips, chain)
        this.#answer(chunk)
      })
    })
    for (const [from, to] of [
      [client, host],
      [host, client],
    ] as const) {
      from.on('end', () => {
        this.#later(() => to.end())
      })
      from.on('error', () => {
        this.destroy()
      })
      from.on('close', () => {
        this.#later(() => to.destroy())
      })
    }
  }

  destroy(): void {
    this.#client.destroy()
    this.#host.destroy()
  }

  #answer(chunk: Buffer): void {
    const allowed = this.#wire.allowed(chunk.length)
    if (allowed > 0) this.#client.write(chunk.subarray(0, allowed))
    if (allowed < chunk.length) this.destroy()
  }

  // Timers of the same length fire in the order in which they were set.
  #later(action: () => void): void {
    setTimeout(action, this.#wire.delay)
  }
}

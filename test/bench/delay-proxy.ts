import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface DelayProxyOptions {
  readonly host: string
  readonly port: number
  /** Milliseconds that bytes take in each direction. */
  readonly delay: number
}

export interface DelayProxy {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number
  /**
   * Since the last mark: how many answers stand on the longest chain in which each request was sent only after the
   * answer before had arrived. Requests that don't wait for each other, and a stream of many packets, count once.
   */
  roundTrips(): number
  mark(): void
  /** Breaks all connections, as a pulled cable that both ends notice; after so many more bytes from the host, if given. */
  cut(afterBytes?: number): void
  close(): Promise<void>
}

/** A stretch of wire between client and host: bytes take their time, but many are under way at once. */
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
  /** How many of these bytes from the host may still pass. */
  allowed(size: number): number
}

class DelayedConnection {
  /** Of the answers that the client has: the length of the longest chain. */
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
        // who has hung up waits for no answer
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

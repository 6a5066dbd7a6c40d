import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { text } from 'node:stream/consumers'

export type Behaviour = (response: ServerResponse, question: IncomingMessage, posted: string) => unknown

/** A small site whose misbehavior a test controls. */
export class FickleServer {
  readonly #server = createServer((question, response) => {
    void this.#answer(question, response)
  })
  readonly #unanswered = new Set<ServerResponse>()
  /** The reaction to every request. */
  behaviour: Behaviour = serving('a', 'v1')

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** Waits until every request is answered or abandoned. */
  async answered(): Promise<void> {
    await Promise.all([...this.#unanswered].map((response) => once(response, 'close')))
  }

  async #answer(question: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#unanswered.add(response)
    response.once('close', () => this.#unanswered.delete(response))
    const posted = await text(question)
    // otherwise, a client that repeats its request immediately would use the whole processor
    await wait(2)
    await this.behaviour(response, question, posted)
  }
}

export function serving(release: string, version: string): Behaviour {
  return (response, _question, posted) =>
    response.setHeader('X-Release', release).end(`version=${version};\n${posted}`)
}

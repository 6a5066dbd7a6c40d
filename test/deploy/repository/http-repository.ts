import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname } from 'node:path'

/** An HTTP server for a repository that requires a password, and records the command lines of all processes. */
export class HttpRepository {
  readonly authorizations: string[] = []
  /** The command lines of all processes on this machine while git waited for an answer. */
  readonly commandLines = new Set<string>()
  readonly #server: Server
  readonly #checkout: string
  readonly #authorization: string
  readonly #protocol: string

  /** @param protocol "version=2", or an empty string for the protocol of old servers */
  static async serve(checkout: string, userInfo: string, protocol: string): Promise<HttpRepository> {
    const repository = new HttpRepository(checkout, userInfo, protocol)
    repository.#server.listen(0, '127.0.0.1')
    await once(repository.#server, 'listening')
    return repository
  }

  private constructor(checkout: string, userInfo: string, protocol: string) {
    this.#checkout = checkout
    const userAndPassword = userInfo.includes(':') ? userInfo : `${userInfo}:`
    this.#authorization = `Basic ${Buffer.from(userAndPassword).toString('base64')}`
    this.#protocol = protocol
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const line of await commandLines()) this.commandLines.add(line)
    const { authorization } = request.headers
    if (authorization !== undefined) this.authorizations.push(authorization)
    if (authorization === this.#authorization) await this.#serve(request, response)
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = /\/(info\/refs|git-upload-pack)/.exec(request.url ?? '') ?? []
    const backend = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_PROJECT_ROOT: dirname(this.#checkout),
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: this.#protocol,
        REMOTE_USER: 'ada',
        REQUEST_METHOD: request.method,
        PATH_INFO: `/${basename(this.#checkout)}/.git${path}`,
        QUERY_STRING: /service=[\w-]+/.exec(request.url ?? '')?.[0] ?? '',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      },
    })
    request.pipe(backend.stdin)
    const answer = await bytesOf(backend.stdout)
    const end = answer.indexOf('\r\n\r\n')
    for (const line of answer.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(': ')
      if (name !== 'Status') response.setHeader(name, value)
    }
    response.end(answer.subarray(end + 4))
  }
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function commandLines(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(
    // the process may have ended
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  )
  return lines.map((line) => line.replaceAll('\0', ' ').trim())
}

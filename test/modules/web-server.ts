import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The program of a separate thread, because the tests block their own thread while a shell runs. */
const program = `
  const { appendFileSync, truncateSync } = require('node:fs')
  const { createServer } = require('node:http')
  const { parentPort } = require('node:worker_threads')
  const asked = new Map()
  const chunk = Buffer.alloc(65536, 'x')
  const endless = (response) => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', () => endless(response))
  }
  const headers = 'x-header: yes\\r\\n'.repeat(4096)
  const endlessHeaders = (socket) => {
    while (!socket.destroyed && socket.write(headers));
    if (!socket.destroyed) socket.once('drain', () => endlessHeaders(socket))
  }
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url, 'http://localhost')
      const status = Number(url.searchParams.get('status') ?? 200)
      if (url.pathname === '/large') return response.end(Buffer.alloc(2 * 1024 * 1024, 'x'))
      if (url.pathname === '/redirect') return response.writeHead(status === 200 ? 302 : status, { location: '/echo' }).end('moved')
      if (url.pathname === '/bytes') return response.end(Buffer.from([0, 10, 255, 13, 10, 128]))
      if (url.pathname === '/latin') return response.writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from('é', 'latin1'))
      if (url.pathname === '/never') return
      if (url.pathname === '/endless') return endless(response)
      if (url.pathname === '/endless-headers') {
        response.socket.write('HTTP/1.1 200 OK\\r\\n')
        return endlessHeaders(response.socket)
      }
      if (url.searchParams.has('grow')) truncateSync(url.searchParams.get('file'), 2 ** 30)
      if (url.pathname === '/log') appendFileSync(url.searchParams.get('file'), url.searchParams.get('text'))
      if (url.pathname === '/say') return response.end(url.searchParams.get('text'))
      if (url.pathname === '/asked') return response.end(String(asked.get(url.search) ?? 0))
      if (url.pathname === '/sequence') {
        const statuses = url.searchParams.get('statuses').split(',')
        const turn = asked.get(url.search) ?? 0
        asked.set(url.search, turn + 1)
        return response.writeHead(Number(statuses[turn] ?? statuses.at(-1))).end('turn ' + turn)
      }
      const release = url.searchParams.get('release')
      if (release !== null) response.setHeader('X-Release', release)
      response.writeHead(status, { 'Content-Type': 'application/json', 'X-Twice': ['a', 'b'] })
      const { method, headers } = request
      response.end(JSON.stringify({ method, path: request.url, headers, body: Buffer.concat(chunks).toString() }))
    })
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

export interface WebServer {
  readonly address: string
  readonly port: number
}

/** Starts a server that echoes requests, for the tests of the surrounding `describe`. */
export function webServer(): WebServer {
  const later = {} as { address: string; port: number }
  let worker: Worker
  before(async () => {
    worker = new Worker(program, { eval: true })
    const [port] = (await once(worker, 'message')) as [number]
    Object.assign(later, { port, address: `http://127.0.0.1:${port}` })
  })
  after(async () => {
    await worker.terminate()
  })
  return later
}

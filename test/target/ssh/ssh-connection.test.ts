import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { ServerChannel } from 'ssh2'

import { ConnectionError } from '../../../src/errors.ts'
import { SessionLimitError, type Connection, type Pipes } from '../../../src/target/pipes.ts'
import { connectBySsh } from '../../../src/target/ssh/ssh-connection.ts'
import { controlHostTime } from '../host-time-control.ts'
import { keyPair, startSshServer } from './ssh-server.ts'
import type { SshServer, SshServerOptions } from './ssh-server.ts'

/** A network between this process and a host that can stop to carry bytes to the host. */
interface Wire {
  readonly port: number
  stall(): void
  continue(): void
  cut(): void
  close(): void
}

async function startWire(port: number): Promise<Wire> {
  const sockets: Socket[] = []
  const server = createServer((client) => {
    const host = connect(port, '127.0.0.1')
    for (const socket of [client, host]) socket.on('error', () => undefined)
    client.pipe(host).pipe(client)
    sockets.push(client, host)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [client, host] = [() => sockets[0]!, () => sockets[1]!]
  const wire: Wire = {
    port: (server.address() as AddressInfo).port,
    stall() {
      client().unpipe(host())
      client().pause()
    },
    continue() {
      client().pipe(host())
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      wire.cut()
      server.close()
    },
  }
  return wire
}

describe('a process over SSH', () => {
  const hostKey = keyPair()
  const userKey = keyPair()
  const closers: (() => unknown)[] = []
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hostwright-ssh-'))
    writeFileSync(join(home, 'id'), userKey.private, { mode: 0o600 })
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    rmSync(home, { recursive: true })
  })

  async function serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
    const server = await startSshServer({ hostKeys: [hostKey], authenticate: () => true, ...options })
    closers.push(() => server.close())
    return server
  }

  async function open(port: number): Promise<Connection> {
    writeFileSync(join(home, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey.public}\n`)
    const connection = await connectBySsh({
      ...{ name: 'web1', connection: 'ssh', address: '127.0.0.1', port, user: 'deploy' },
      privateKeyFiles: [join(home, 'id')],
      knownHostsFiles: [join(home, 'known_hosts')],
    })
    closers.push(() => connection.close())
    return connection
  }

  describe('whose network is slow', () => {
    /** The number of bytes for each of 8 processes: together more than the network holds, each less than a window of SSH. */
    const size = 1_500_000

    async function stalled() {
      const wire = await startWire((await serve({ answer: (channel) => channel.resume() })).port)
      closers.push(() => {
        wire.close()
      })
      const connection = await open(wire.port)
      const processes = await Promise.all(Array.from({ length: 8 }, () => connection.open('cat')))
      wire.stall()
      let accepted = 0
      const writes = processes.map(
        ({ stdin }) =>
          new Promise<void>((resolve) => {
            stdin.write(Buffer.alloc(size), () => {
              accepted += 1
              resolve()
            })
          }),
      )
      await wait(100)
      expect(accepted).to.equal(0)
      return { wire, writes }
    }

    it('accepts no more input than the network has taken, and continues afterwards', async () => {
      const { wire, writes } = await stalled()
      wire.continue()
      await Promise.all(writes)
    })

    it('ends the wait for the network when the connection is lost', async () => {
      const { wire, writes } = await stalled()
      wire.cut()
      await Promise.all(writes)
    })
  })

  it('opens a session that the host refused at first, because it still counted a closed one', async () => {
    const connection = await open((await serve({ refusedSessions: 1 })).port)
    const { ended, stdout } = await connection.open('exit 3')
    stdout.resume()
    expect(await ended).to.deep.equal({ code: 3 })
  })

  it('reports the limit of sessions with a hint if the host refuses a session again', async () => {
    const connection = await open((await serve({ refusedSessions: 2 })).port)
    const started = performance.now()
    const error: unknown = await connection.open('true').catch((reason: unknown) => reason)
    expect(performance.now() - started).to.be.within(190, 5000)
    expect(error)
      .to.be.instanceOf(SessionLimitError)
      .and.to.include({
        ...{
          name: 'SessionLimitError',
          problem: 'refused',
          hint: "increase MaxSessions in the host's sshd_config",
        },
        message: 'web1: the host refused to open a session',
      })
  })

  it('reports a session that cannot be opened because the connection is closed', async () => {
    const connection = await open((await serve()).port)
    await connection.close()
    const error: unknown = await connection.open('true').catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(ConnectionError).and.not.to.be.instanceOf(SessionLimitError)
    expect(error).to.include({ problem: 'lost', message: 'web1: could not open a session: Not connected' })
  })

  it('passes the end of the input on to a process', async () => {
    const received: string[] = []
    const answer = (channel: ServerChannel) => {
      channel.on('data', (bytes: Buffer) => received.push(bytes.toString()))
      channel.on('end', () => {
        channel.exit(received.join('') === 'input' ? 0 : 1)
        channel.end()
      })
    }
    const { stdin, stdout, ended } = await (await open((await serve({ answer })).port)).open('true')
    stdout.resume()
    stdin.end('input')
    await once(stdin, 'finish')
    expect(await ended).to.deep.equal({ code: 0 })
  })

  describe('that has ended', () => {
    const time = controlHostTime()
    let channel: ServerChannel
    let pipes: Pipes
    let connection: Connection
    let timers: number

    beforeEach(async () => {
      let answer: (channel: ServerChannel) => void = () => undefined
      const started = new Promise<ServerChannel>((resolve) => (answer = resolve))
      const { port } = await serve({ answer })
      connection = await open(port)
      timers = time.timers
      pipes = await connection.open('true')
      channel = await started
    })

    /** Returns how the process has ended, if it has. */
    async function ending() {
      // Lets the messages of the host arrive.
      await wait(50)
      return Promise.race([pipes.ended, Promise.resolve('not yet')])
    }

    it('reports the end of a process when its output is complete, and leaves no timer', async () => {
      channel.exit(3)
      expect(await ending()).to.equal('not yet')
      channel.end('late')
      pipes.stdout.resume()
      expect(await ending()).to.deep.equal({ code: 3 })
      expect(time.timers).to.equal(timers)
    })

    it('reports the end of a process one second after its exit if another process keeps the output open', async () => {
      channel.exit(3)
      expect(await ending()).to.equal('not yet')
      await time.pass(0.9)
      expect(await ending()).to.equal('not yet')
      await time.pass(0.2)
      expect(await ending()).to.deep.equal({ code: 3 })
    })

    it('discards input after the end of a process', async () => {
      channel.exit(3)
      channel.end()
      pipes.stdout.resume()
      await pipes.ended
      pipes.stdin.write('more')
      pipes.stdin.end()
      await wait(20)
    })

    it('reports the signal that killed a process', async () => {
      channel.exit('KILL', false, '')
      channel.end()
      pipes.stdout.resume()
      expect(await ending()).to.deep.equal({ signal: 'SIGKILL' })
    })

    it('reports the end of a process when the connection is closed, and leaves no timer', async () => {
      channel.exit(3)
      await ending()
      await connection.close()
      expect(await ending()).to.deep.equal({ code: 3 })
      expect(time.timers).to.equal(0)
    })
  })

  describe('whose host is silent', () => {
    const time = controlHostTime()

    it('loses a host that answers no keepalive for 60 seconds', async () => {
      const wire = await startWire((await serve({ answer: () => undefined })).port)
      closers.push(() => {
        wire.close()
      })
      const pipes = await (await open(wire.port)).open('sleep 1000')
      let hasEnded = false
      void pipes.ended.then(() => (hasEnded = true))
      wire.stall()
      await time.pass(59)
      expect(hasEnded).to.equal(false)
      await time.pass(2)
      expect(await pipes.ended).to.have.nested.property('cause.message', 'Keepalive timeout')
    })

    it('keeps a host that sends data while keepalives wait behind an upload', async () => {
      let channel: ServerChannel | undefined
      const server = await serve({
        answer: (opened) => {
          channel = opened
        },
      })
      const wire = await startWire(server.port)
      closers.push(() => {
        wire.close()
      })
      const pipes = await (await open(wire.port)).open('sleep 1000')
      let hasEnded = false
      void pipes.ended.then(() => (hasEnded = true))
      wire.stall()
      for (let minutes = 0; minutes < 3; minutes += 1) {
        await time.pass(50)
        channel!.write('received')
        await once(pipes.stdout, 'data')
      }
      expect(hasEnded).to.equal(false)
      await time.pass(61)
      expect(await pipes.ended).to.have.nested.property('cause.message', 'Keepalive timeout')
    })
  })

  it('reports no exit code and no signal if the connection is lost', async () => {
    const wire = await startWire((await serve({ answer: () => undefined })).port)
    closers.push(() => {
      wire.close()
    })
    const pipes = await (await open(wire.port)).open('sleep 1000')
    wire.cut()
    expect(await pipes.ended).not.to.have.any.keys('code', 'signal')
  })
})

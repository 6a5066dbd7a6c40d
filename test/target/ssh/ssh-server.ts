import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { Algorithms, AuthContext, ServerChannel } from 'ssh2'

export interface KeyPair {
  /** The keys in the format of ssh-keygen. */
  readonly private: string
  readonly public: string
  readonly publicKey: Buffer
}

const ecdsaBits = { ecdsa: 256, ecdsa384: 384, ecdsa521: 521 } as const
export type KeyType = 'ed25519' | 'rsa' | keyof typeof ecdsaBits

/** @param passphrase encrypts the private key */
export function keyPair(type: KeyType = 'ed25519', passphrase?: string): KeyPair {
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 1 }
  const options = { comment: 'test key', ...encryption }
  const pair =
    type === 'ed25519'
      ? ssh2.utils.generateKeyPairSync('ed25519', options)
      : type === 'rsa'
        ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...options })
        : ssh2.utils.generateKeyPairSync('ecdsa', { bits: ecdsaBits[type], ...options })
  const parsed = ssh2.utils.parseKey(pair.public)
  // ssh2 1.17 generates one invalid key of Ed25519 in 256: it omits a zero at the start.
  if (parsed instanceof Error) return keyPair(type, passphrase)
  return { private: pair.private, public: pair.public, publicKey: parsed.getPublicSSH() }
}

export interface SshServerOptions {
  readonly hostKeys: readonly KeyPair[]
  /** Returns whether a login is accepted, or the methods for a second factor; undefined if the function answers itself. */
  readonly authenticate: (attempt: AuthContext) => boolean | readonly string[] | undefined
  readonly banner?: string
  /** The only algorithms that the server offers. */
  readonly algorithms?: Algorithms
  /** The number of sessions that the server refuses before it accepts one. */
  readonly refusedSessions?: number
  /** Answers a command instead of this machine. */
  readonly answer?: (channel: ServerChannel) => void
  /** The output before each command, like that of a chatty login script. */
  readonly noise?: string
  /** More addresses of this machine to listen on, with the same port. */
  readonly addresses?: readonly string[]
}

export interface SshServer {
  readonly port: number
  /** The attempts to log in, such as "publickey" (a query), "publickey signed", "password". */
  readonly attempts: readonly string[]
  readonly commands: readonly string[]
  /** The cipher of each connection. */
  readonly ciphers: readonly string[]
  /** The number of sessions that asked to forward the agent. */
  readonly agentRequests: number
  close(): Promise<void>
}

/** An SSH server in this process that runs commands on this machine. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const attempts: string[] = []
  const commands: string[] = []
  const ciphers: string[] = []
  let agentRequests = 0
  let { refusedSessions = 0 } = options
  const sockets = new Set<Socket>()
  const server = new ssh2.Server(
    {
      hostKeys: options.hostKeys.map((pair) => pair.private),
      // so that only the client detects a silent network; 0 would mean the default
      keepaliveInterval: 3_600_000,
      ...(options.banner === undefined ? {} : { banner: options.banner }),
      ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    },
    (client) => {
      client.on('error', () => undefined)
      client.on('handshake', ({ cs }) => ciphers.push(cs.cipher))
      client.on('authentication', (attempt) => {
        const signed = attempt.method === 'publickey' && attempt.signature !== undefined
        attempts.push(`${attempt.method}${signed ? ' signed' : ''}`)
        const verdict = options.authenticate(attempt)
        if (verdict === true) attempt.accept()
        else if (verdict !== undefined)
          attempt.reject([...(verdict === false ? ['publickey'] : verdict)] as never)
      })
      client.on('session', (accept, reject) => {
        if (refusedSessions > 0) {
          refusedSessions -= 1
          reject()
          return
        }
        const session = accept()
        session.on('exec', (acceptExec, _reject, { command }) => {
          commands.push(command)
          const channel = acceptExec()
          if (options.answer === undefined) runCommand(channel, command, options.noise)
          else options.answer(channel)
        })
        session.on('auth-agent', (acceptAgent) => {
          agentRequests += 1
          acceptAgent()
        })
      })
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        const onward = connect(destPort, destIP)
        onward.once('error', () => {
          reject()
        })
        onward.once('connect', () => {
          const channel = accept()
          channel.pipe(onward).pipe(channel)
          onward.on('error', () => channel.destroy())
          channel.on('close', () => onward.destroy())
        })
      })
    },
  )
  const tcp = server as unknown as {
    _srv: { on(event: 'connection', listener: (socket: Socket) => void): void }
  }
  tcp._srv.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const further = (options.addresses ?? []).map((address) =>
    createServer((socket) => {
      sockets.add(socket)
      server.injectSocket(socket)
    }).listen(port, address),
  )
  await Promise.all(further.map((listener) => once(listener, 'listening')))
  return {
    port,
    attempts,
    commands,
    ciphers,
    get agentRequests() {
      return agentRequests
    },
    close() {
      for (const socket of sockets) socket.destroy()
      for (const listener of further) listener.close()
      return new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

function runCommand(channel: ServerChannel, command: string, noise: string | undefined): void {
  if (noise !== undefined) channel.write(noise)
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe' })
  channel.pipe(child.stdin)
  child.stdout.on('data', (chunk: Buffer) => channel.write(chunk))
  child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk))
  child.stdin.on('error', () => undefined)
  channel.on('close', () => child.stdin.destroy())
  child.on('close', (code) => {
    channel.exit(code ?? 255)
    channel.end()
  })
}

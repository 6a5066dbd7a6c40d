import { getEventListeners } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { AuthContext } from 'ssh2'

import { ConnectionError, UserError } from '../../../src/errors.ts'
import { openTarget } from '../../../src/target/open-target.ts'
import type { OpenTarget } from '../../../src/target/open-target.ts'
import type { ConnectionSettings } from '../../../src/target/settings.ts'
import { sh } from '../../../src/target/sh.ts'
import { startDelayProxy } from '../../bench/delay-proxy.ts'
import { keyPair, startSshServer } from './ssh-server.ts'
import type { KeyPair, SshServer, SshServerOptions } from './ssh-server.ts'

describe('an SSH connection', () => {
  const hostKey = keyPair()
  const userKey = keyPair()
  const strangeKey = keyPair()
  const closers: (() => Promise<unknown>)[] = []
  let home: string
  let agentSocket: string | undefined

  before(() => {
    agentSocket = process.env['SSH_AUTH_SOCK']
    delete process.env['SSH_AUTH_SOCK']
  })
  after(() => {
    if (agentSocket !== undefined) process.env['SSH_AUTH_SOCK'] = agentSocket
  })
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hostwright-ssh-'))
    writeFileSync(join(home, 'id'), userKey.private, { mode: 0o600 })
    writeFileSync(join(home, 'strange'), strangeKey.private, { mode: 0o600 })
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    rmSync(home, { recursive: true })
  })

  /** Accepts a key. */
  const welcome =
    (...pairs: readonly KeyPair[]) =>
    (attempt: AuthContext) =>
      attempt.method === 'publickey' && pairs.some((pair) => pair.publicKey.equals(attempt.key.data))

  async function serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
    const server = await startSshServer({ hostKeys: [hostKey], authenticate: welcome(userKey), ...options })
    closers.push(() => server.close())
    return server
  }

  /** Accepts a key and then the code 42. */
  const keyAndCode: SshServerOptions['authenticate'] = (attempt) => {
    if (attempt.method === 'publickey') {
      if (attempt.signature === undefined) return true
      attempt.reject(['keyboard-interactive'], true)
      return undefined
    }
    if (attempt.method !== 'keyboard-interactive') return ['publickey']
    attempt.prompt('Code: ', (answers) => {
      if (answers[0] === '42') attempt.accept()
      else attempt.reject()
    })
    return undefined
  }

  function knowHost(port: number, pair = hostKey): void {
    writeFileSync(join(home, 'known_hosts'), `# mine\n[127.0.0.1]:${port} ${pair.public}\n`)
  }

  function settingsFor(port: number, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
    return {
      name: 'web1',
      connection: 'ssh',
      address: '127.0.0.1',
      port,
      user: 'deploy',
      privateKeyFiles: [join(home, 'id')],
      knownHostsFiles: [join(home, 'known_hosts')],
      ...more,
    }
  }

  async function open(settings: ConnectionSettings): Promise<OpenTarget> {
    const target = await openTarget(settings)
    closers.push(() => target.close())
    return target
  }

  async function refusal(settings: ConnectionSettings): Promise<ConnectionError> {
    const error: unknown = await openTarget(settings).then(
      async (target) => {
        await target.close()
        expect.fail('it was not refused')
      },
      (reason: unknown) => reason,
    )
    if (!(error instanceof ConnectionError)) throw error
    return error
  }

  async function says(target: OpenTarget, text: string): Promise<string> {
    const [outcome] = await target.run({ scripts: [sh`echo ${text}`], timeLimit: 10 })
    return outcome!.stdout
  }

  it('logs in with a key without other attempts, and runs scripts', async () => {
    const server = await serve()
    knowHost(server.port)
    const target = await open(settingsFor(server.port))
    expect(await says(target, 'héllo')).to.equal('héllo\n')
    expect(server.attempts).to.deep.equal(['publickey', 'publickey signed'])
    expect(target.user).to.equal('deploy')
    expect(target.statistics()).to.deep.include({ batches: 1 })
  })

  it('leaves no listener at the signal of the run after the login', async () => {
    const server = await serve()
    knowHost(server.port)
    const { signal } = new AbortController()
    const target = await openTarget(settingsFor(server.port), { signal })
    closers.push(() => target.close())
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
  })

  it('ignores banners and the output of login scripts', async () => {
    const server = await serve({
      banner: 'Authorised only\n',
      noise: "hostwright \0 hostwright-\nexec sh -c '",
    })
    knowHost(server.port)
    expect(await says(await open(settingsFor(server.port)), 'x')).to.equal('x\n')
  })

  it('tries the keys in their order', async () => {
    const server = await serve()
    knowHost(server.port)
    const privateKeyFiles = ['missing', 'strange', 'id'].map((name) => join(home, name))
    await open(settingsFor(server.port, { privateKeyFiles }))
    expect(server.attempts).to.deep.equal(['publickey', 'publickey', 'publickey signed'])
  })

  it('asks for the passphrase of a key once for all hosts', async () => {
    const encrypted = keyPair('ed25519', 'open sesame')
    writeFileSync(join(home, 'encrypted'), encrypted.private, { mode: 0o600 })
    const questions: string[] = []
    const ask = (question: string, options: { secret: boolean }) => {
      questions.push(`${question}${options.secret ? '(secret)' : ''}`)
      return Promise.resolve(questions.length === 1 ? 'wrong' : 'open sesame')
    }
    const server = await serve({ authenticate: welcome(encrypted) })
    knowHost(server.port)
    const settings = settingsFor(server.port, { privateKeyFiles: [join(home, 'encrypted')], ask })
    const targets = await Promise.all([open(settings), open(settings)])
    expect(await Promise.all(targets.map((target) => says(target, 'x')))).to.deep.equal(['x\n', 'x\n'])
    const question = `Passphrase for the key ${join(home, 'encrypted')}: (secret)`
    expect(questions).to.deep.equal([question, `Wrong passphrase. ${question}`])
  })

  it('logs in with a password', async () => {
    const server = await serve({
      authenticate: (attempt) =>
        attempt.method === 'password' && attempt.password === 'pass word' ? true : ['password'],
    })
    knowHost(server.port)
    await open(settingsFor(server.port, { privateKeyFiles: [], password: 'pass word' }))
    expect(server.attempts).to.deep.equal(['password'])
  })

  it('logs in by keyboard-interactive with the password, and asks the user for all other answers', async () => {
    const server = await serve({
      authenticate(attempt) {
        if (attempt.method !== 'keyboard-interactive') return ['keyboard-interactive']
        const prompts = [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Code: ', echo: true },
        ]
        attempt.prompt(prompts, (answers) => {
          if (answers.join() === 'secret,123456') attempt.accept()
          else attempt.reject()
        })
        return undefined
      },
    })
    knowHost(server.port)
    const questions: string[] = []
    const ask = (question: string) => {
      questions.push(question)
      return Promise.resolve('123456')
    }
    await open(settingsFor(server.port, { privateKeyFiles: [], password: 'secret', ask }))
    expect(questions).to.have.length(1)
    expect(questions[0]).to.match(/^\(\w+@[\w.]+\) Code: $/)
    expect(server.attempts).to.deep.equal(['password', 'keyboard-interactive'])
  })

  it('asks the user at most 10 questions of the host', async () => {
    const server = await serve({
      authenticate(attempt) {
        if (attempt.method !== 'keyboard-interactive') return ['keyboard-interactive']
        const askAgain = (): void => {
          attempt.prompt([{ prompt: 'x'.repeat(30_000), echo: true }], () => {
            setImmediate(askAgain)
          })
        }
        askAgain()
        return undefined
      },
    })
    knowHost(server.port)
    const questions: string[] = []
    const ask = (question: string) => {
      questions.push(question)
      return Promise.resolve('yes')
    }
    const settings = { privateKeyFiles: [], password: 'x', connectTimeout: 1, ask }
    expect((await refusal(settingsFor(server.port, settings))).problem).to.equal('timeout')
    expect(questions).to.have.length(10)
    expect(questions[0]).to.match(/^\(deploy@web1\) x{500}$/)
  }).timeout(20_000)

  it('does not count the time for an answer of the user', async () => {
    const server = await serve({
      authenticate(attempt) {
        if (attempt.method !== 'keyboard-interactive') return ['keyboard-interactive']
        attempt.prompt([{ prompt: 'Code: ', echo: true }], () => {
          attempt.accept()
        })
        return undefined
      },
    })
    knowHost(server.port)
    const connectTimeout = 2
    const slowly = () => wait(connectTimeout * 1000 + 500, '42')
    await open(settingsFor(server.port, { password: 'x', privateKeyFiles: [], connectTimeout, ask: slowly }))
  })

  it('reports a host as unreachable if its key cannot be decrypted', async () => {
    const encrypted = keyPair('ed25519', 'open sesame')
    writeFileSync(join(home, 'encrypted'), encrypted.private, { mode: 0o600 })
    const server = await serve()
    knowHost(server.port)
    const ask = () => Promise.resolve('')
    const error = await refusal(settingsFor(server.port, { privateKeyFiles: [join(home, 'encrypted')], ask }))
    expect(error.problem).to.equal('authentication')
    expect(error.message).to.equal(
      `web1: cannot decrypt the key ${join(home, 'encrypted')}: wrong passphrase`,
    )
  })

  it('sends a second factor after the key', async () => {
    const server = await serve({ authenticate: keyAndCode })
    knowHost(server.port)
    await open(settingsFor(server.port, { ask: () => Promise.resolve('42') }))
    expect(server.attempts).to.deep.equal(['publickey', 'publickey signed', 'keyboard-interactive'])
  })

  it('reports a host as unreachable if it asks for a second factor and no terminal can ask the user', async () => {
    const server = await serve({ authenticate: keyAndCode })
    knowHost(server.port)
    const ask = () => Promise.reject(new UserError('cannot ask "Code:": standard input is not a terminal'))
    const error = await refusal(settingsFor(server.port, { ask }))
    expect(error.problem).to.equal('authentication')
    expect(error.message).to.equal('web1: cannot ask "Code:": standard input is not a terminal')
  })

  it('reports the attempts when the host refuses the login', async () => {
    const server = await serve({ authenticate: () => ['publickey', 'password'] })
    knowHost(server.port)
    const privateKeyFiles = [join(home, 'missing'), join(home, 'id')]
    const error = await refusal(settingsFor(server.port, { privateKeyFiles }))
    expect(error.problem).to.equal('authentication')
    expect(error.message).to.equal(
      `web1: 127.0.0.1 port ${server.port} refused the login of deploy: tried the key ${join(home, 'id')}; ` +
        `${join(home, 'missing')} does not exist; the host accepts publickey, password`,
    )
    expect(error.hint).to.include('or a password with ansible_password')
    const withPassword = await refusal(settingsFor(server.port, { password: 'wrong' }))
    expect(withPassword.hint).to.include('check the user (-u), the password')
  })

  it('reports what the host accepts if there is nothing to try', async () => {
    const server = await serve({ authenticate: () => ['publickey'] })
    knowHost(server.port)
    const error = await refusal(settingsFor(server.port, { privateKeyFiles: [] }))
    expect(error.message).to.include('no key or password to try; the host accepts publickey')
    expect(server.attempts).to.deep.equal(['none'])
  })

  it('rejects an unknown host before the login, with its fingerprint and a hint', async () => {
    const server = await serve()
    const error = await refusal(settingsFor(server.port, { password: 'secret' }))
    expect(error.problem).to.equal('unknown-host-key')
    expect(error.message).to.match(
      /the host key of \[127\.0\.0\.1\]:\d+ is unknown: ssh-ed25519 SHA256:[\w+/]{43}$/,
    )
    expect(error.hint).to.include('--accept-new-host-keys')
    expect(server.attempts).to.deep.equal([])
  })

  it('rejects a changed key even if new keys are accepted, and reports the line of the known one', async () => {
    const server = await serve()
    knowHost(server.port, strangeKey)
    const error = await refusal(settingsFor(server.port, { acceptNewHostKeys: true }))
    expect(error.problem).to.equal('changed-host-key')
    expect(error.message).to.include(`${join(home, 'known_hosts')}:2`)
    expect(server.attempts).to.deep.equal([])
  })

  it('adds an accepted new key to a file that only the user can read', async () => {
    const server = await serve()
    const file = join(home, 'new', 'known_hosts')
    const settings = settingsFor(server.port, { knownHostsFiles: [file] })
    await Promise.all([1, 2].map(() => open({ ...settings, acceptNewHostKeys: true })))
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    const line = `[127.0.0.1]:${server.port} ssh-ed25519 ${hostKey.publicKey.toString('base64')}\n`
    expect(readFileSync(file, 'utf8').replace(line, '')).to.be.oneOf(['', line])
    await open(settings)
  })

  it('adds a key to a known_hosts file without a final newline', async () => {
    const server = await serve()
    const file = join(home, 'known_hosts')
    writeFileSync(file, `other ${strangeKey.public.trim()}`)
    await open(settingsFor(server.port, { acceptNewHostKeys: true }))
    expect(readFileSync(file, 'utf8').split('\n')).to.have.length(3)
    await open(settingsFor(server.port))
  })

  it('asks a host with several keys for the known one', async () => {
    const ecdsa = keyPair('ecdsa')
    const server = await serve({ hostKeys: [hostKey, ecdsa] })
    knowHost(server.port, ecdsa)
    expect(await says(await open(settingsFor(server.port)), 'x')).to.equal('x\n')
  })

  it('connects through a jump host, checks both keys, and reports which connection failed', async () => {
    const inner = await serve()
    const bastion = await serve({ hostKeys: [strangeKey] })
    const lines = [
      `[127.0.0.1]:${inner.port} ${hostKey.public}`,
      `[127.0.0.1]:${bastion.port} ${strangeKey.public}`,
    ]
    writeFileSync(join(home, 'known_hosts'), lines.join('\n'))
    const jump = settingsFor(bastion.port, { name: 'bastion' })
    expect(await says(await open(settingsFor(inner.port, { jump })), 'x')).to.equal('x\n')
    expect(bastion.commands).to.deep.equal([])

    const unreachable = await refusal(settingsFor(1, { jump }))
    expect(unreachable.problem).to.equal('refused')
    expect(unreachable.message).to.include('the jump host could not reach 127.0.0.1 port 1')

    writeFileSync(join(home, 'known_hosts'), lines[0]!)
    const stranger = await refusal(settingsFor(inner.port, { jump }))
    expect(stranger).to.include({ host: 'web1', problem: 'unknown-host-key' })
    expect(stranger.message).to.include('web1: could not connect to the jump host: bastion: the host')
  })

  it('reports a port on which nothing listens', async () => {
    const server = await serve()
    await server.close()
    const error = await refusal(settingsFor(server.port))
    expect(error.problem).to.equal('refused')
    expect(error.message).to.equal(`web1: nothing listens on 127.0.0.1 port ${server.port}`)
  })

  it('does not offer the slow group exchange', async () => {
    const server = await serve({ algorithms: { kex: ['diffie-hellman-group-exchange-sha256'] } })
    knowHost(server.port)
    const error = await refusal(settingsFor(server.port))
    expect(error.message).to.match(/no matching key exchange/)
  })

  it('retries if the host refuses the connection, as with MaxStartups', async () => {
    const server = await serve()
    let callers = 0
    const front = createServer((socket) => {
      callers += 1
      if (callers === 1) socket.destroy()
      else socket.pipe(connect(server.port, '127.0.0.1')).pipe(socket)
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    closers.push(() => Promise.resolve(front.close()))
    const { port } = front.address() as AddressInfo
    knowHost(port)
    expect(await says(await open(settingsFor(port)), 'x')).to.equal('x\n')
    expect(callers).to.equal(2)
  })

  it('gives up on a host that accepts the connection and then stays silent', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closers.push(() => Promise.resolve(silent.close()))
    const { port } = silent.address() as AddressInfo
    const error = await refusal(settingsFor(port, { connectTimeout: 0.05 }))
    expect(error.problem).to.equal('timeout')
    expect(error.message).to.include('took longer than 0.05 seconds')
  })

  it('logs in even if this process is too busy to read the answers of the host', async () => {
    const server = await serve()
    knowHost(server.port)
    let isOpen = false
    const work = () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
      if (!isOpen) setImmediate(work)
    }
    work()
    const target = await open(settingsFor(server.port, { connectTimeout: 0.5 })).finally(
      () => (isOpen = true),
    )
    expect(await says(target, 'x')).to.equal('x\n')
  })

  it('can be aborted while it connects', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closers.push(() => Promise.resolve(silent.close()))
    const controller = new AbortController()
    const { port } = silent.address() as AddressInfo
    const opening = openTarget(settingsFor(port), { signal: controller.signal })
    silent.once('connection', () => {
      controller.abort(new Error('enough'))
    })
    expect(await opening.catch((error: unknown) => error)).to.have.property('message', 'enough')
  })

  it('reports a lost connection at any point of an answer', async () => {
    const server = await serve()
    const wire = await startDelayProxy({ host: '127.0.0.1', port: server.port, delay: 0 })
    closers.push(() => wire.close())
    knowHost(wire.port)
    for (const bytes of [0, 1, 20, 60, 200, 1000]) {
      const target = await open(settingsFor(wire.port))
      const batch = target.run({ scripts: [sh`head -c 5000 /dev/zero`], timeLimit: 10 })
      wire.cut(bytes)
      const error: unknown = await batch.catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(ConnectionError).and.have.property('problem', 'lost')
      wire.cut(Infinity)
    }
  })

  it('stays lost for later shells', async () => {
    const server = await serve()
    const wire = await startDelayProxy({ host: '127.0.0.1', port: server.port, delay: 0 })
    closers.push(() => wire.close())
    knowHost(wire.port)
    const target = await open(settingsFor(wire.port))
    wire.cut(0)
    for (const place of [{}, { beside: true }] as const) {
      const run = target.run({ scripts: [sh`true`], timeLimit: 10, ...place })
      const error: unknown = await run.catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(ConnectionError).and.have.property('problem', 'lost')
    }
  })

  for (const address of ['-oProxyCommand=touch /tmp/x', 'two words', '']) {
    it(`rejects the address '${address}'`, async () => {
      const error = await refusal({ name: 'web1', connection: 'ssh', address })
      expect(error.problem).to.equal('address')
    })
  }
})

import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { openTarget } from '../../../src/target/open-target.ts'
import type { Ask } from '../../../src/target/settings.ts'
import { keyboardAttempt, prepareAttempts } from '../../../src/target/ssh/authentication.ts'
import type { AuthenticationSettings } from '../../../src/target/ssh/authentication.ts'
import { keyPair, startSshServer } from './ssh-server.ts'

describe('private keys that other users can read', () => {
  let folder: string
  let key: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-exposed-'))
    key = join(folder, 'id')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const settings = { user: 'deploy', privateKeyFiles: [], defaultKeyFiles: [], identitiesOnly: false }
  const refusal = (file: string) =>
    prepareAttempts({ ...settings, privateKeyFiles: [file] }).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    )

  for (const [title, pair] of [
    ['plain', keyPair()],
    ['encrypted', keyPair('ed25519', 'sesame')],
  ] as const)
    for (const mode of [0o644, 0o640, 0o604, 0o622, 0o660])
      it(`rejects a key that is ${title} and has the mode ${mode.toString(8)}, with a hint`, async () => {
        writeFileSync(key, pair.private)
        chmodSync(key, mode)
        const verb = (mode & 0o022) === 0 ? 'read' : 'change'
        expect(await refusal(key)).to.equal(
          `the key ${key} is refused: other users can ${verb} it (mode 0${mode.toString(8)}): chmod 600 ${key}`,
        )
      })

  it('skips a default key that other users can read', async () => {
    writeFileSync(key, keyPair().private)
    chmodSync(key, 0o644)
    const { attempts, unusable } = await prepareAttempts({ ...settings, defaultKeyFiles: [key] })
    expect(attempts).to.deep.equal([])
    expect(unusable).to.deep.equal([
      `the key ${key} is refused: other users can read it (mode 0644): chmod 600 ${key}`,
    ])
  })

  it('accepts a private key with the modes 0600 and 0400, and a public key with any mode', async () => {
    const pair = keyPair()
    for (const mode of [0o600, 0o400]) {
      writeFileSync(key, pair.private)
      chmodSync(key, mode)
      expect(await refusal(key)).to.equal(undefined)
      rmSync(key)
    }
    writeFileSync(`${key}.pub`, pair.public)
    chmodSync(`${key}.pub`, 0o644)
    expect(await refusal(`${key}.pub`)).to.equal(undefined)
  })
})

describe('prepareAttempts', () => {
  const pairs = {
    held: keyPair(),
    other: keyPair('ecdsa'),
    encrypted: keyPair('ed25519', 'sesame'),
    plain: keyPair(),
  }
  let folder: string
  let socket: string
  let agent: ChildProcess
  const file = (name: string) => join(folder, name)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-auth-'))
    socket = file('agent')
    for (const [name, pair] of Object.entries(pairs)) {
      writeFileSync(file(name), pair.private, { mode: 0o600 })
      writeFileSync(file(`${name}.pub`), pair.public)
    }
    agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    await new Promise((resolve) => agent.stdout?.once('data', resolve))
    execFileSync('ssh-add', ['-q', file('held'), file('other')], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    })
  })
  after(() => {
    agent.kill()
    rmSync(folder, { recursive: true })
  })

  const basis = { user: 'deploy', privateKeyFiles: [], defaultKeyFiles: [], identitiesOnly: false }

  async function labels(more: Partial<AuthenticationSettings>) {
    const { attempts, unusable } = await prepareAttempts({ ...basis, ...more })
    const short = (text: string) => text.replaceAll(`${folder}/`, '')
    return { tried: attempts.map(({ label }) => short(label)), unusable: unusable.map(short) }
  }

  it('tries the configured keys, then the password, other keys of the agent, and the default keys', async () => {
    expect(
      await labels({
        privateKeyFiles: [file('plain')],
        password: 'secret',
        defaultKeyFiles: [file('held'), file('missing')],
        agent: socket,
      }),
    ).to.deep.equal({
      tried: [
        'the key plain',
        'the password',
        'keyboard-interactive',
        "the agent's key test key",
        'the key held',
      ],
      unusable: [],
    })
  })

  it('uses only those keys of the agent that match the key files with IdentitiesOnly', async () => {
    rmSync(file('other'))
    const { tried, unusable } = await labels({
      privateKeyFiles: [file('other'), file('plain.pub')],
      identitiesOnly: true,
      agent: socket,
    })
    writeFileSync(file('other'), pairs.other.private, { mode: 0o600 })
    expect(tried).to.deep.equal(["the agent's key test key"])
    expect(unusable).to.deep.equal(['the agent does not hold the key plain.pub'])
  })

  it('uses the agent for an encrypted key that the agent holds', async () => {
    const settings = { privateKeyFiles: [file('encrypted')], ask: () => Promise.resolve('sesame') }
    expect((await labels({ ...settings, agent: socket })).tried[0]).to.equal('the key encrypted')
    execFileSync('ssh-add', ['-q', file('encrypted')], {
      env: {
        ...process.env,
        SSH_AUTH_SOCK: socket,
        SSH_ASKPASS: askpass(),
        SSH_ASKPASS_REQUIRE: 'force',
      },
      stdio: 'ignore',
    })
    expect((await labels({ ...settings, identitiesOnly: true, agent: socket })).tried).to.deep.equal([
      "the agent's key test key",
    ])
  })

  it('omits unusable keys and reports the reasons', async () => {
    writeFileSync(file('garbage'), 'no key')
    const { tried, unusable } = await labels({
      privateKeyFiles: ['encrypted', 'missing', 'garbage'].map(file),
      agent: file('no-agent'),
    })
    expect(tried).to.deep.equal([])
    expect(unusable[0]).to.equal(
      'the key encrypted is encrypted, and there is no terminal to ask for its passphrase',
    )
    expect(unusable[1]).to.equal('missing does not exist')
    expect(unusable[2]).to.match(/^the key garbage cannot be read: /)
  })

  it('logs in with a key that only the agent has', async () => {
    const host = keyPair()
    const server = await startSshServer({
      hostKeys: [host],
      authenticate: (attempt) =>
        attempt.method === 'publickey' && pairs.other.publicKey.equals(attempt.key.data),
    })
    writeFileSync(file('known_hosts'), `[127.0.0.1]:${server.port} ${host.public}`)
    const before = process.env['SSH_AUTH_SOCK']
    process.env['SSH_AUTH_SOCK'] = socket
    try {
      const target = await openTarget({
        name: 'web1',
        connection: 'ssh',
        address: '127.0.0.1',
        port: server.port,
        user: 'deploy',
        privateKeyFiles: [file('other.pub')],
        knownHostsFiles: [file('known_hosts')],
      })
      await target.close()
      expect(server.attempts).to.deep.equal(['publickey', 'publickey signed'])
    } finally {
      if (before === undefined) delete process.env['SSH_AUTH_SOCK']
      else process.env['SSH_AUTH_SOCK'] = before
      await server.close()
    }
  })

  function askpass(): string {
    writeFileSync(file('askpass'), '#!/bin/sh\necho sesame\n')
    chmodSync(file('askpass'), 0o755)
    return file('askpass')
  }
})

describe('keyboardAttempt', () => {
  async function answers(
    questions: readonly { prompt: string; echo?: boolean }[],
    password: string | undefined,
    ask?: Ask,
  ): Promise<string[]> {
    return new Promise((resolve, reject) => {
      void keyboardAttempt('deploy', password)
        .method(ask, reject)
        .then((method) => {
          if (method.type !== 'keyboard-interactive') throw new Error('another method')
          method.prompt('', '', '', [...questions], resolve)
        })
    })
  }
  const secret = { prompt: 'Password: ', echo: false }

  it('answers the first hidden prompt with the password, once', async () => {
    const asked: string[] = []
    const ask: Ask = (question, { secret: isSecret }) => {
      asked.push(`${question}${isSecret ? ' (secret)' : ''}`)
      return Promise.resolve('1234')
    }
    const questions = [{ prompt: 'Name:', echo: true }, secret, { prompt: 'Code:', echo: false }]
    expect(await answers(questions, 'sesame', ask)).to.deep.equal(['1234', 'sesame', '1234'])
    expect(asked).to.deep.equal(['Name:', 'Code: (secret)'])
  })

  it('fails the login if a question cannot be asked', async () => {
    const ask: Ask = () => Promise.reject(new Error('no terminal'))
    const end = await answers([secret], undefined, ask).catch((error: unknown) => (error as Error).message)
    expect(end).to.equal('no terminal')
  })

  it('answers with an empty string without a terminal, and after ten questions', async () => {
    expect(await answers([secret], undefined)).to.deep.equal([''])
    const ask: Ask = () => Promise.resolve('x')
    const given = await answers(
      Array.from({ length: 12 }, () => secret),
      undefined,
      ask,
    )
    expect(given).to.deep.equal([...Array.from({ length: 10 }, () => 'x'), '', ''])
  })
})

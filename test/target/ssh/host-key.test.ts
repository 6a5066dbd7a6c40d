import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { ConnectionError } from '../../../src/errors.ts'
import { HostKeyCheck } from '../../../src/target/ssh/host-key.ts'
import { keyPair } from './ssh-server.ts'

const special = [
  '*',
  'web?',
  '!web',
  'a,b',
  '|1|a',
  '#web',
  'me@web',
  '@revoked',
  'a b',
  'a\tb',
  'a\nb',
  'a\u00a0b',
  '\u202eweb',
  '[web]',
  '-web',
  '',
]

describe('the name of a host in known_hosts', () => {
  let folder: string
  let file: string
  const { publicKey } = keyPair()

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-known-'))
    file = join(folder, 'known_hosts')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const accept = async (host: string, key = publicKey) => {
    const check = await HostKeyCheck.load({ name: 'web1', host, port: 22, files: [file], acceptNew: true })
    await check.verify(key)
  }

  for (const host of special)
    it(`rejects the name ${JSON.stringify(host)}`, async () => {
      const error: unknown = await accept(host).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(ConnectionError)
      expect(String(error)).to.include(`web1: invalid name for known_hosts: ${JSON.stringify(host)}`)
      expect(existsSync(file)).to.equal(false)
    })

  for (const host of ['web.example.com', '10.0.0.7', 'fe80::1%eth0', 'under_score', 'bücher.example'])
    it(`writes the name ${host}`, async () => {
      await accept(host)
      expect(readFileSync(file, 'utf8')).to.match(
        new RegExp(`^${host.replaceAll('.', '[.]')} ssh-ed25519 [^ \\n]+\\n$`),
      )
    })

  it('writes the same line once for several logins at the same time', async () => {
    const names = ['web.example.com', 'WEB.example.com', 'web.example.com', 'db.example.com']
    await Promise.all(names.map((host) => accept(host)))
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).to.have.members(['web.example.com', 'db.example.com'])
  })

  it('rejects the second of two keys that logins at the same time offer for one name', async () => {
    const logins = await Promise.allSettled([accept('web'), accept('web', keyPair().publicKey)])
    expect(logins.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected'])
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).to.have.length(1)
    await accept('web')
  })

  it('adds no other lines, even if the type of the key contains a newline', async () => {
    const type = Buffer.from('ssh-rsa AAAA\n* ssh-rsa')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(type.length)
    const error: unknown = await accept('web', Buffer.concat([length, type])).catch(
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(ConnectionError)
    expect(existsSync(file)).to.equal(false)
  })
})

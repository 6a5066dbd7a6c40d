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

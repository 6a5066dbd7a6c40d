import { createHmac, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'

import {
  judgeHostKey,
  knownKeyTypes,
  KnownHostsFile,
  nameWithPort,
  parseKnownHosts,
} from '../../../src/target/ssh/known-hosts.ts'

const ours = Buffer.from('our key')
const other = Buffer.from('another key')
const base64 = (key: Buffer) => key.toString('base64')

function hashed(name: string): string {
  const salt = randomBytes(20)
  const hash = createHmac('sha1', salt).update(name).digest('base64')
  return `|1|${salt.toString('base64')}|${hash}`
}

const lineOf = (hosts: string, key = ours, type = 'ssh-ed25519') => `${hosts} ${type} ${base64(key)}`

describe('known_hosts', () => {
  const cases: readonly [string, string, string, number, string][] = [
    ['a plain name', lineOf('web.example.com'), 'web.example.com', 22, 'known'],
    ['a name in other case', lineOf('Web.Example.com'), 'WEB.example.COM', 22, 'known'],
    ['another name', lineOf('db.example.com'), 'web.example.com', 22, 'unknown'],
    ['one of several names', lineOf('web,10.0.0.1'), '10.0.0.1', 22, 'known'],
    ['a hashed name', lineOf(hashed('web')), 'web', 22, 'known'],
    ['another hashed name', lineOf(hashed('db')), 'web', 22, 'unknown'],
    ['a hashed name with port', lineOf(hashed('[web]:2222')), 'web', 2222, 'known'],
    ['broken hashing', lineOf('|1|broken'), 'web', 22, 'unknown'],
    ['a glob', lineOf('*.example.com'), 'web.example.com', 22, 'known'],
    ['a glob for one character', lineOf('web?'), 'web1', 22, 'known'],
    ['a glob that needs one more character', lineOf('web?'), 'web', 22, 'unknown'],
    ['dots that match only dots', lineOf('web.example'), 'webxexample', 22, 'unknown'],
    ['an exception', lineOf('*.example.com,!web.example.com'), 'web.example.com', 22, 'unknown'],
    ['an exception at the start', lineOf('!web.example.com,*.example.com'), 'web.example.com', 22, 'unknown'],
    ['an exception for others', lineOf('*.example.com,!db.*'), 'web.example.com', 22, 'known'],
    ['a name with port', lineOf('[web]:2222'), 'web', 2222, 'known'],
    ['a name with another port', lineOf('[web]:2222'), 'web', 2223, 'unknown'],
    ['a key for the default port on another port', lineOf('web'), 'web', 2222, 'known'],
    ['another key for the default port on another port', lineOf('web', other), 'web', 2222, 'unknown'],
    ['a key for another port on the default port', lineOf('[web]:2222'), 'web', 22, 'unknown'],
    ['an IPv6 address', lineOf('fe80::1'), 'fe80::1', 22, 'known'],
    ['another key', lineOf('web', other), 'web', 22, 'changed'],
    ['one of two keys', `${lineOf('web', other)}\n${lineOf('web')}`, 'web', 22, 'known'],
    ['a key of another type', lineOf('web', other, 'ssh-rsa'), 'web', 22, 'changed'],
    ['a revoked key', `@revoked ${lineOf('*')}\n${lineOf('web')}`, 'web', 22, 'revoked'],
    ['another revoked key', `@revoked ${lineOf('*', other)}\n${lineOf('web')}`, 'web', 22, 'known'],
    ['a revoked key on a port', `@revoked ${lineOf('web')}`, 'web', 2222, 'revoked'],
    ['a certificate authority', `@cert-authority ${lineOf('*')}`, 'web', 22, 'unknown'],
    ['an unknown marker', `@new ${lineOf('web')}`, 'web', 22, 'unknown'],
    ['comments and empty lines', `# web\n\n  ${lineOf('web')} me@here`, 'web', 22, 'known'],
    ['a comment that looks like a line', `#old,${lineOf('web')}`, 'web', 22, 'unknown'],
    ['an indented comment that looks like a line', `  #old,${lineOf('web')}`, 'web', 22, 'unknown'],
    ['a broken line', `web\n${lineOf('web')}`, 'web', 22, 'known'],
    ['Windows line endings', `${lineOf('web')}\r\n`, 'web', 22, 'known'],
    ['no lines', '', 'web', 22, 'unknown'],
  ]

  for (const [title, text, host, port, expected] of cases) {
    it(`judges a key as ${expected} with ${title}`, () => {
      const lines = parseKnownHosts(text, 'known_hosts')
      expect(judgeHostKey(lines, host, port, ours).type).to.equal(expected)
      expect(judgeHostKey(new KnownHostsFile(lines).about(host, port), host, port, ours).type).to.equal(
        expected,
      )
    })
  }

  it('finds the lines for a host, in their order', () => {
    const text = ['db', 'web', '*', '[web]:2222', 'db,web', hashed('web')]
      .map((hosts) => lineOf(hosts))
      .join('\n')
    const found = new KnownHostsFile(parseKnownHosts(text, 'known_hosts')).about('Web', 2222)
    expect(found.map(({ line }) => line)).to.deep.equal([2, 3, 4, 5, 6])
  })

  it('returns the lines of the previous keys of a host', () => {
    const text = `${lineOf('db')}\n${lineOf('web', other)}\n`
    const verdict = judgeHostKey(parseKnownHosts(text, '/home/me/.ssh/known_hosts'), 'web', 22, ours)
    expect(verdict).to.have.nested.property('known[0].line', 2)
    expect(verdict).to.have.nested.property('known[0].file', '/home/me/.ssh/known_hosts')
  })

  it('returns the types of the keys of a host, without authorities and revoked keys', () => {
    const lines = parseKnownHosts(
      [
        lineOf('web', ours, 'ssh-rsa'),
        lineOf('w*', other),
        `@revoked ${lineOf('web', ours, 'ssh-dss')}`,
        lineOf('db', ours, 'ecdsa-sha2-nistp256'),
      ].join('\n'),
      'known_hosts',
    )
    expect(knownKeyTypes(lines, 'web', 22)).to.deep.equal(['ssh-rsa', 'ssh-ed25519'])
    expect(knownKeyTypes(lines, 'other', 22)).to.deep.equal([])
  })

  it('finds only the keys of the host, by plain and hashed names', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/)
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 65_535 }), fc.boolean(), (host, port, hash) => {
        const written = nameWithPort(host, port)
        const lines = parseKnownHosts(lineOf(hash ? hashed(written) : written), 'known_hosts')
        expect(judgeHostKey(lines, host, port, ours).type).to.equal('known')
        expect(judgeHostKey(lines, host, port, other).type).to.equal('changed')
        expect(judgeHostKey(lines, `x${host}`, port, ours).type).to.equal('unknown')
      }),
    )
  })

  it('parses any content without an error', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, host) => {
        judgeHostKey(parseKnownHosts(text, 'known_hosts'), host, 22, ours)
      }),
    )
  })

  it('matches a pattern with many stars in linear time', () => {
    const lines = parseKnownHosts(lineOf(`${'*a'.repeat(1000)}*b`), 'known_hosts')
    const started = process.cpuUsage()
    expect(judgeHostKey(lines, 'a'.repeat(5000), 22, ours).type).to.equal('unknown')
    expect(process.cpuUsage(started).user / 1000).to.be.below(1000)
  })
})

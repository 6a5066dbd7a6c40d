import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { BrokenConfigError, ConfigAnswers } from '../../../src/target/ssh/config-answers.ts'

describe('ConfigAnswers', () => {
  const path = process.env['PATH']!
  const ssh = execFileSync('which', ['ssh'], { encoding: 'utf8' }).trim()
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-answers-'))
    // The real ssh with the configuration of the test; it records how often it is called.
    const script = `#!/bin/sh\necho "$*" >>${folder}/asked\nexec ${ssh} -F ${folder}/config "$@"\n`
    writeFileSync(join(folder, 'ssh'), script, { mode: 0o755 })
    writeFileSync(join(folder, 'asked'), '')
    process.env['PATH'] = `${folder}:${path}`
  })
  afterEach(() => {
    process.env['PATH'] = path
    rmSync(folder, { recursive: true })
  })

  const hosts = ['a.lan', 'b.lan', 'c.org', 'd.org', 'gw.lan']

  /** Returns the answers for all hosts, those of ssh for each host, and the number of calls for the shared ones. */
  async function answers(config: string, options: readonly string[] = []) {
    writeFileSync(join(folder, 'config'), config)
    const alone = await Promise.all(hosts.map((host) => new ConfigAnswers().of(host, options)))
    writeFileSync(join(folder, 'asked'), '')
    const together = new ConfigAnswers()
    const shared = await Promise.all(hosts.map((host) => together.of(host, options)))
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').length
    return { alone: alone.map(withoutHost), shared: shared.map(withoutHost), asked }
  }

  /** Removes the line `host`, which only repeats the argument, and `controlpath`, which is not used. */
  const withoutHost = (answer: string): string => answer.replaceAll(/^(host|controlpath) .*\n/gm, '')

  it('calls ssh once if all hosts have the same settings', async () => {
    const { alone, shared, asked } = await answers('User deploy\nHost *\n  Port 2222\n')
    expect(shared).to.deep.equal(alone)
    expect(shared[1]).to.include('hostname b.lan\n').and.to.include('user deploy\n')
    expect(asked).to.equal(1)
  })

  it('calls ssh once for each set of matching Host lines, including those of included files', async () => {
    writeFileSync(join(folder, 'more'), 'Host *.org !d.org\n  User org\n')
    const { alone, shared, asked } = await answers(
      `Include ${folder}/more\nHost *.lan\n  Port 2222\n  ControlPath ~/%h\n`,
    )
    expect(shared).to.deep.equal(alone)
    expect(shared.map((answer) => /^user (.*)$/m.exec(answer)![1] === 'org')).to.deep.equal([
      ...[false, false, true, false, false],
    ])
    expect(asked).to.equal(3)
  })

  for (const [what, config] of [
    ['a Match line', 'Match host *.lan\n  Port 2222\n'],
    ['a token', 'HostName %h.example.com\n'],
    ['a token in a known_hosts file', 'UserKnownHostsFile ~/.ssh/%h\n'],
    ['canonical names', 'CanonicalizeHostname yes\nCanonicalDomains example.invalid\n'],
    ['a pattern in quotes', 'Host "a.lan" b.lan\n  Port 2222\n'],
    ['a keyword in quotes', '"Host" a.lan\n  Port 2222\n'],
  ] as const) {
    it(`calls ssh for each host if the configuration has ${what}`, async () => {
      const { alone, shared, asked } = await answers(config)
      expect(shared).to.deep.equal(alone)
      expect(asked).to.equal(hosts.length)
    })
  }

  for (const [what, config] of [
    ['Match all', 'Match all\n  Port 2222\n'],
    ['Match all in capitals', 'Match ALL\n  Port 2222\n'],
    ['names that ssh does not change', 'CanonicalizeHostname no\n'],
    ['names that ssh does not change, in capitals', 'CanonicalizeHostname = NO \n'],
    ['a token in a control path, which is not used', 'ControlPath ~/%h\n'],
    ['comments and empty lines', '# Match host a.lan\n\n  # HostName %h\nPort 2222\n'],
  ] as const) {
    it(`calls ssh once if the configuration has ${what}`, async () => {
      const { alone, shared, asked } = await answers(config)
      expect(shared).to.deep.equal(alone)
      expect(asked).to.equal(1)
    })
  }

  it('calls ssh for each name with capitals, because ssh may change it', async () => {
    writeFileSync(join(folder, 'config'), 'User deploy\n')
    const together = new ConfigAnswers()
    for (const host of ['b.lan', 'A.lan', 'B.lan'])
      expect(await together.of(host, [])).to.include(`hostname ${host.toLowerCase()}\n`)
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')).to.have.length(3)
  })

  for (const name of ['a.lan', 'A.Lan'])
    it(`does not confuse the HostName ${name} with a host of that name`, async () => {
      const { alone, shared } = await answers(`Host *.lan\n  HostName ${name}\n`)
      expect(shared).to.deep.equal(alone)
    })

  it('calls ssh again for other options', async () => {
    const together = new ConfigAnswers()
    writeFileSync(join(folder, 'config'), 'User deploy\n')
    expect(await together.of('a.lan', [])).to.include('user deploy\n')
    expect(await together.of('b.lan', ['-l', 'me'])).to.include('user me\n')
  })

  it('reports a broken configuration without debug messages', async () => {
    writeFileSync(join(folder, 'config'), 'Nonsense yes\n')
    const error: unknown = await new ConfigAnswers().of('a.lan', []).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(BrokenConfigError)
    expect((error as Error).message).to.match(/^\S+config: line 1: Bad configuration option: nonsense\n/)
    expect((error as Error).message).to.not.include('debug1')
  })
})

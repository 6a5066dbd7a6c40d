import { expect } from 'chai'
import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { TaskFailure } from '../../src/errors.ts'
import { hostname } from '../../src/modules/hostname.ts'
import { sysctl } from '../../src/modules/sysctl.ts'
import { timezone } from '../../src/modules/timezone.ts'
import { converge, lint, shells } from './harness.ts'

describe('module sysctl', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'sysctl '))
  })
  after(() => {
    rmSync(directory, { recursive: true })
  })

  const name = 'net.ipv4.conf.eth0/100.forwarding'

  for (const shell of shells)
    it(`writes any value to its file under ${shell}, and keeps other lines`, async () => {
      const file = join(directory, `${shell}.conf`)
      const value = fc
        .string({ unit: 'grapheme', minLength: 1 })
        .filter((text) => !/[\n\r\0\v\f\u2028\u2029]/.test(text))
      await fc.assert(
        fc.asyncProperty(value, async (text) => {
          writeFileSync(
            file,
            `# mine\nnet.ipv4.conf.eth0/100.forwarding_too = 1\n-${name}=0\nnet/ipv4/conf/eth0.100/x = 2\n`,
          )
          const given = { name, value: text, sysctl_file: file, reload: false }
          expect((await converge(sysctl, given, { shell })).changes).to.have.length(1)
          expect(readFileSync(file, 'utf8')).to.equal(
            `# mine\nnet.ipv4.conf.eth0/100.forwarding_too = 1\nnet/ipv4/conf/eth0.100/x = 2\n${name} = ${text}\n`,
          )
          expect((await converge(sysctl, given, { shell })).changes).to.deep.equal([])
          await converge(sysctl, { ...given, state: 'absent' }, { shell })
          expect(readFileSync(file, 'utf8')).not.to.contain(`${name} =`)
        }),
        { numRuns: 15 },
      )
    })

  const cases: [string, object, object, string[]][] = [
    ['changes the file and the kernel', {}, { live: '0', writable: true }, ['/f', 'value']],
    ['changes only the file with reload: false', { reload: false }, { live: '0', writable: true }, ['/f']],
    [
      'changes only the kernel if the file is as wanted',
      {},
      { live: '0', writable: true, kept: '1' },
      ['value'],
    ],
    ['changes nothing if both are as wanted', {}, { live: '1', writable: true, kept: '1' }, []],
    [
      'changes only the file of a read-only parameter with ignoreerrors',
      { ignoreerrors: true },
      { live: '0', writable: false },
      ['/f'],
    ],
    [
      'changes only the file with state: absent',
      { state: 'absent' },
      { live: '1', writable: true, kept: '1' },
      ['/f'],
    ],
  ]
  for (const [title, given, found, fields] of cases)
    it(title, () => {
      const params = sysctl.params.parse({ name: 'a.b', value: 1, sysctl_file: '/f', ...given })
      const state = { sysctl: found, file: { exists: false } } as never
      const changes = sysctl.diff(state, params)
      expect(changes.map(({ field }) => field)).to.deep.equal(fields)
      if (changes.length > 0) for (const step of sysctl.apply(changes, params, state)) lint(step.script)
    })

  it('writes 1 and 0 for booleans, in any notation', () => {
    const values = (words: unknown[]) =>
      words
        .map((value) => sysctl.params.parse({ name: 'a.b', value }) as { value: string })
        .map(({ value }) => value)
    expect(new Set(values([true, 'true', 'yes', 'Yes', 'on', 1, '1']))).to.deep.equal(new Set(['1']))
    expect(new Set(values([false, 'false', 'no', 'NO', 'off', 0, '0']))).to.deep.equal(new Set(['0']))
    expect(values(['only'])).to.deep.equal(['only'])
  })

  it('fails for a parameter that is read-only or missing', () => {
    const params = sysctl.params.parse({ name: 'a.b', value: 1 })
    const diff = (found: object) => () =>
      sysctl.diff({ sysctl: found, file: { exists: false } } as never, params)
    expect(diff({ live: '0', writable: false })).to.throw(TaskFailure, 'a.b cannot be set on this host')
    expect(diff({ writable: false })).to.throw(TaskFailure, 'the kernel of this host has no parameter a.b')
  })

  it('rejects an invalid parameter name', () => {
    for (const wrong of ['a', '../etc/passwd', 'a..b', '-w a.b', 'a.b=1', 'a.b c'])
      expect(sysctl.params.safeParse({ name: wrong, value: 1 }).success, wrong).to.equal(false)
    expect(sysctl.params.safeParse({ name: 'a.b' }).success).to.equal(false)
  })
})

describe('module hostname', () => {
  it('sets the current name and that for the next boot, with a script that passes shellcheck', () => {
    const params = hostname.params.parse({ name: 'web-1.example.com' })
    const state = { hostname: { current: 'localhost', permanent: 'web-1.example.com' } } as never
    const changes = hostname.diff(state, params)
    expect(changes.map(({ field }) => field)).to.deep.equal(['name'])
    for (const step of hostname.apply(changes, params, state)) lint(step.script)
  })

  it('rejects an invalid host name', () => {
    for (const name of ['', 'a_b', '-a', 'a.', 'a b', 'ä', 'a'.repeat(65)])
      expect(hostname.params.safeParse({ name }).success, name).to.equal(false)
  })
})

describe('module timezone', () => {
  const params = timezone.params.parse({ name: 'Europe/Vienna' })
  const there = { known: true, zonesInstalled: true }

  it('sets the symlink, and the file if it exists, with a script that passes shellcheck', () => {
    const state = { timezone: { ...there, current: 'Etc/UTC', file: 'Etc/UTC' } } as never
    const changes = timezone.diff(state, params)
    expect(changes.map(({ field }) => field)).to.deep.equal(['name', '/etc/timezone'])
    for (const step of timezone.apply(changes, params, state)) lint(step.script)
    expect(
      timezone.diff({ timezone: { ...there, current: 'Europe/Vienna' } } as never, params),
    ).to.deep.equal([])
  })

  it('fails for a time zone that the host does not have', () => {
    const diff = (found: object) => () => timezone.diff({ timezone: found } as never, params)
    expect(diff({ known: false, zonesInstalled: true })).to.throw(
      TaskFailure,
      'there is no time zone Europe/Vienna',
    )
    expect(diff({ known: false, zonesInstalled: false })).to.throw(TaskFailure, 'this host has no time zones')
    for (const name of ['../etc/passwd', '/etc/x', '', 'a b'])
      expect(timezone.params.safeParse({ name }).success, name).to.equal(false)
  })
})

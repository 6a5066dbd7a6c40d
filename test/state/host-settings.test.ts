import { expect } from 'chai'

import { hostname } from '../../src/state/hostname.ts'
import { path } from '../../src/state/path.ts'
import { sysctl, sysctlPath } from '../../src/state/sysctl.ts'
import { timezone } from '../../src/state/timezone.ts'
import { lint, readState, shells } from '../modules/harness.ts'

describe('kind sysctl', () => {
  const questions = [
    { name: 'net.ipv4.tcp_rmem', file: '/etc/sysctl.d/99-a b.conf' },
    { name: 'net.ipv4.conf.eth0/100.forwarding', file: '/etc/sysctl.conf' },
  ]

  it('passes the linters', () => {
    lint(sysctl.read(questions))
  })

  it('treats a slash in a name as a dot in the name of an interface', () => {
    expect(questions.map(({ name }) => sysctlPath(name))).to.deep.equal([
      '/proc/sys/net/ipv4/tcp_rmem',
      '/proc/sys/net/ipv4/conf/eth0.100/forwarding',
    ])
  })

  it('ignores white space in values, and uses the last line of the file', () => {
    const output =
      '==\nlive 4096\t131072\t6291456\nwritable\nkept net.ipv4.tcp_rmem=1 2 3\nkept net.ipv4.tcp_rmem =  4096 131072   6291456 \n==\n'
    expect(sysctl.parse(output, questions)).to.deep.equal([
      { writable: true, live: '4096 131072 6291456', kept: '4096 131072 6291456' },
      { writable: false },
    ])
  })

  for (const shell of shells)
    it(`reads a setting of this machine with ${shell}`, () => {
      const names = ['kernel.ostype', 'net.ipv4.tcp_rmem', 'no.such.setting']
      const { settings } = readState(
        { settings: names.map((name) => sysctl.key({ name, file: '/no/such/file' })) },
        shell,
      )
      const [system, memory, nothing] = settings as readonly { live?: string }[]
      expect(system?.live).to.equal('Linux')
      expect(memory?.live).to.match(/^\d+ \d+ \d+$/)
      expect(nothing).not.to.have.property('live')
    })

  it('depends on its file and on the same setting in another file', () => {
    const question = { name: 'vm.swappiness', file: '/etc/sysctl.d/a.conf' }
    const touched = (write: Parameters<NonNullable<typeof sysctl.touchedBy>>[1]) =>
      sysctl.touchedBy(question, write, { writable: true })
    expect(touched(path.write({ path: '/etc/sysctl.d/a.conf' }))).to.equal(true)
    expect(touched(path.write({ path: '/etc/nginx/nginx.conf' }))).to.equal(false)
    expect(touched(sysctl.write({ name: 'vm.swappiness', file: '/etc/sysctl.conf' }))).to.equal(true)
    expect(touched(sysctl.write({ name: 'vm.dirty_ratio', file: '/etc/sysctl.d/a.conf' }))).to.equal(false)
  })
})

describe('kind hostname', () => {
  it('passes the linters, and returns the name now and after the next boot', () => {
    lint(hostname.read([{}]))
    expect(hostname.parse('web-1\n# comment\n\nweb-2\n', [{}])).to.deep.equal([
      { current: 'web-1', permanent: 'web-2' },
    ])
    expect(hostname.parse('web-1\n', [{}])).to.deep.equal([{ current: 'web-1' }])
    expect(() => hostname.parse('', [{}])).to.throw('no name')
  })
})

describe('kind timezone', () => {
  const zone = 'Europe/Vienna'

  it('passes the linters, and finds the zone by the symlink', () => {
    lint(timezone.read([{ zone }, { zone: 'UTC' }]))
    expect(
      timezone.parse('/usr/share/zoneinfo/Europe/Vienna\nEtc/UTC\nzones\nknown\n', [{ zone }]),
    ).to.deep.equal([{ current: 'Europe/Vienna', file: 'Etc/UTC', known: true, zonesInstalled: true }])
    expect(timezone.parse('../usr/share/zoneinfo/Etc/UTC\n\nzones\nunknown\n', [{ zone }])).to.deep.equal([
      { current: 'Etc/UTC', known: false, zonesInstalled: true },
    ])
    expect(timezone.parse('\n\nnone\nunknown\n', [{ zone }])).to.deep.equal([
      { known: false, zonesInstalled: false },
    ])
    expect(() => timezone.parse('\n', [{ zone }])).to.throw('unexpected answer about time zones')
  })
})

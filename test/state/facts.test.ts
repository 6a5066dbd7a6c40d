import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { facts } from '../../src/state/facts.ts'
import type { FactGroup } from '../../src/state/facts/fact-group.ts'
import { factGroups, factNames } from '../../src/state/facts/index.ts'
import { lint, readState, shells } from '../modules/harness.ts'

/** The output on Debian 13 in a container. */
const trixie = String.raw`== uname
Linux www 6.12.41 x86_64
#1 SMP PREEMPT_DYNAMIC Debian 6.12.41-1
== hosts
127.0.0.1 localhost
127.0.1.1 www.foobar.com www # this machine
== uptime
4892.00 4057.54
== user
uid=1000(deploy) gid=1000(deploy) groups=1000(deploy),27(sudo)
/home/deploy
== os-release
PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
NAME="Debian GNU/Linux"
VERSION_ID="13"
VERSION="13 (trixie)"
VERSION_CODENAME=trixie
DEBIAN_VERSION_FULL=13.1
ID=debian
HOME_URL="https://www.debian.org/"
== debian_version
13.1
== processors
2
== meminfo
MemTotal:       24684092 kB
MemFree:        20375908 kB
MemAvailable:   22359964 kB
SwapCached:            0 kB
SwapTotal:       1048576 kB
SwapFree:              0 kB
== date
1795395357 2026-11-23T01:55:57 +0100 CET
== links
host0 1400 7e:fa:81:ad:ed:c3
lo 65536 00:00:00:00:00:00
br-1.2 1500 02:00:00:00:00:01
== addresses
1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host proto kernel_lo \       valid_lft forever preferred_lft forever
2: host0    inet 10.213.0.6/30 brd 10.213.0.7 scope global host0\       valid_lft forever preferred_lft forever
2: host0    inet6 fe80::7cfa:81ff:fead:edc3/64 scope link proto kernel_ll \       valid_lft forever preferred_lft forever
3: br-1.2    inet 192.168.7.1/24 scope global br-1.2\       valid_lft forever preferred_lft forever
== routes
default via 10.213.0.5 dev host0 proto dhcp src 10.213.0.6 metric 100 
default via fe80::1 dev host0 proto ra metric 1024 pref medium
== managers
service systemd
package apt-get
== container
systemd-nspawn
== dmi
`

function parse(output: string): Record<string, unknown> {
  return { ...facts.parse(output, [{}])[0] }
}

describe('kind facts', () => {
  it('passes the linters', () => {
    lint(facts.read([{}]))
  })

  it('uses the names of Ansible', () => {
    const found = parse(trixie)
    expect(found).to.deep.include({
      distribution: 'Debian',
      distribution_release: 'trixie',
      distribution_version: '13.1',
      distribution_major_version: '13',
      os_family: 'Debian',
      architecture: 'x86_64',
      kernel: '6.12.41',
      nodename: 'www',
      hostname: 'www',
      fqdn: 'www.foobar.com',
      domain: 'foobar.com',
      user_id: 'deploy',
      user_uid: 1000,
      user_dir: '/home/deploy',
      processor_vcpus: 2,
      memtotal_mb: 24105,
      swaptotal_mb: 1024,
      uptime_seconds: 4892,
      service_mgr: 'systemd',
      pkg_mgr: 'apt',
      virtualization_type: 'systemd-nspawn',
      virtualization_role: 'guest',
      all_ipv4_addresses: ['10.213.0.6', '192.168.7.1'],
      default_ipv4: {
        address: '10.213.0.6',
        broadcast: '10.213.0.7',
        gateway: '10.213.0.5',
        interface: 'host0',
        netmask: '255.255.255.252',
        network: '10.213.0.4',
        prefix: '30',
      },
    })
    expect(found['default_ipv6']).to.include({ gateway: 'fe80::1', interface: 'host0', scope: 'link' })
    expect(found['br_1_2']).to.deep.include({ device: 'br-1.2', mtu: 1500 })
    expect(found['date_time']).to.include({ iso8601: '2026-11-23T00:55:57Z', tz: 'CET', hour: '01' })
  })

  it('returns the facts of `factNames` and of the network interfaces, and no other', () => {
    expect(parse(trixie)).to.have.all.keys(...factNames, 'host0', 'lo', 'br_1_2')
  })

  it('returns the family of the distribution', () => {
    const families = [
      ['ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble', 'Ubuntu', '24.04', 'Debian'],
      ['ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"', 'Rocky', '9.4', 'RedHat'],
      ['ID=alpine\nVERSION_ID=3.20.1', 'Alpine', '3.20.1', 'Alpine'],
    ] as const
    for (const [release, distribution, distribution_version, os_family] of families) {
      const output = trixie.replace(
        /== os-release\n[^]*== processors/,
        `== os-release\n${release}\n== debian_version\ntrixie/sid\n== processors`,
      )
      expect(parse(output)).to.include({ distribution, distribution_version, os_family })
    }
  })

  it('rejects unexpected output', () => {
    expect(() => parse(trixie.replace('uid=1000', 'user=1000'))).to.throw('unexpected output of id')
  })

  it('leaves out a fact that does not exist on the host', () => {
    const output = trixie.replace('ID=debian', 'ID=ubuntu')
    expect(parse(output)).to.not.have.any.keys('distribution_minor_version')
  })

  for (const shell of shells)
    it(`gathers the facts of this machine with ${shell}`, () => {
      const { all } = readState({ all: facts.key({}) }, shell)
      expect(all).to.include.all.keys(...factNames.filter((name) => !name.startsWith('distribution_minor')))
    })
})

describe('the registry of facts', () => {
  it('lists the group of each file in state/facts', async () => {
    const folder = join(import.meta.dirname, '../../src/state/facts')
    const missing: string[] = []
    for (const file of readdirSync(folder)) {
      const exported = (await import(join(folder, file))) as Readonly<Record<string, unknown>>
      const names = Object.values(exported).flatMap((value) => (isGroup(value) ? value.names : []))
      if (names.some((name) => !factNames.includes(name))) missing.push(file)
    }
    expect(missing).to.deep.equal([])
  })

  it('has each name and each section once', () => {
    const sections = factGroups.flatMap(({ read }) => Object.keys(read))
    expect(new Set(sections).size).to.equal(sections.length)
    expect(new Set(factNames).size).to.equal(factNames.length)
  })
})

function isGroup(value: unknown): value is FactGroup {
  return typeof value === 'object' && value !== null && 'names' in value && 'parse' in value
}

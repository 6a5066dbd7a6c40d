import { expect } from 'chai'

import {
  acquireSettings,
  debianSources,
  hostsWithPassword,
  passwordsIn,
  publicSources,
  withoutPasswords,
} from '../../src/sandbox/apt-sources.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

describe('publicSources', () => {
  it('returns the same sources as an outer Debian with the usual sources has', () => {
    const targets = [
      'http://deb.debian.org/debian bookworm main Debian',
      'http://deb.debian.org/debian-security bookworm-security main Debian',
    ]
    expect(publicSources('trixie')).to.equal(debianSources(targets.join('\n'), 'bookworm', 'trixie'))
  })
})

describe('debianSources', () => {
  it("uses the outer machine's mirror and its security archive for the wanted release", () => {
    const targets = [
      'http://mirror.example/debian/ bookworm main Debian',
      'http://mirror.example/debian/ bookworm-updates main Debian',
      'http://security.example/debian-security/ bookworm-security main Debian',
    ]
    expect(debianSources(targets.join('\n'), 'bookworm', 'trixie')).to.equal(
      [
        'Types: deb',
        'URIs: http://mirror.example/debian/',
        'Suites: trixie trixie-updates',
        'Components: main',
        `Signed-By: ${keyring}`,
        '',
        'Types: deb',
        'URIs: http://security.example/debian-security/',
        'Suites: trixie-security',
        'Components: main',
        `Signed-By: ${keyring}`,
        '',
      ].join('\n'),
    )
  })

  const archives: { why: string; targets: string[]; uri: string }[] = [
    {
      why: "another vendor's archive for the same release comes first",
      targets: [
        'https://vendor.example/apt/ bookworm main Vendor',
        'http://a.example/debian/ bookworm main Debian',
      ],
      uri: 'http://a.example/debian/',
    },
    {
      why: 'apt has not fetched the index yet and does not know the origin',
      targets: [
        'https://vendor.example/apt/ bookworm main $(ORIGIN)',
        'http://a.example/debian/ bookworm main $(ORIGIN)',
      ],
      uri: 'http://a.example/debian/',
    },
    {
      why: 'the sources name the release by its suite',
      targets: ['http://a.example/debian/ stable main Debian'],
      uri: 'http://a.example/debian/',
    },
    {
      why: 'only another component of the first mirror is configured',
      targets: [
        'http://a.example/debian/ bookworm contrib Debian',
        'http://b.example/debian/ bookworm main Debian',
      ],
      uri: 'http://b.example/debian/',
    },
  ]
  for (const { why, targets, uri } of archives) {
    it(`finds Debian's archive if ${why}`, () => {
      expect(debianSources(targets.join('\n'), 'bookworm', 'bookworm')).to.include(`URIs: ${uri}\n`)
    })
  }

  it('returns no security archive if the outer machine has none', () => {
    const sources = debianSources('http://a.example/debian/ bookworm main Debian', 'bookworm', 'bookworm')
    expect(sources.match(/URIs/g)).to.have.lengthOf(1)
  })

  it('fails with the name of a release without an archive', () => {
    expect(() => debianSources('', 'bookworm', 'trixie')).to.throw(
      "apt on this machine has no source for Debian's main archive of bookworm",
    )
  })
})

describe('acquireSettings', () => {
  it('keeps only the settings that apt needs to reach the archives', () => {
    const wanted = [
      'Acquire::http::Proxy "http://proxy.example:3142";',
      'Acquire::https::CaInfo "/etc/ssl/example.pem";',
      'Acquire::Check-Valid-Until "false";',
    ]
    const others = [
      'APT::Architecture "amd64";',
      'Acquire::GzipIndexes "true";',
      'Dir::Cache "var/cache/apt";',
    ]
    expect(acquireSettings([...others, ...wanted].join('\n'), {})).to.equal(`${wanted.join('\n')}\n`)
  })

  it('uses a proxy from the environment if apt has no setting for it', () => {
    const environment = {
      http_proxy: 'http://env.example:1',
      https_proxy: 'http://env.example:2',
      PATH: '/bin',
    }
    expect(acquireSettings('Acquire::http::Proxy "http://proxy.example:3142";', environment)).to.equal(
      'Acquire::http::Proxy "http://proxy.example:3142";\nAcquire::https::Proxy "http://env.example:2";\n',
    )
  })
})

describe('withoutPasswords', () => {
  const table = {
    'URIs: http://robot:s3cr3t@mirror.example/debian\n': 'URIs: http://mirror.example/debian\n',
    'Acquire::http::Proxy "http://u:p%40q@proxy.example:3128/";':
      'Acquire::http::Proxy "http://proxy.example:3128/";',
    'https://only-a-name@mirror.example https://u:p@q@b.example/@c':
      'https://mirror.example https://b.example/@c',
    'http://mirror.example/~user@home/debian': 'http://mirror.example/~user@home/debian',
  }
  for (const [text, without] of Object.entries(table))
    it(`returns ${without.trim()}`, () => {
      expect(withoutPasswords(text)).to.equal(without)
    })
})

describe('passwordsIn', () => {
  it('returns entries of auth.conf for the archives with a password', () => {
    const sources =
      'URIs: http://ro%40bot:s3%2Fcret@mirror.example:8080/debian\nURIs: http://b.example/debian\n'
    expect(passwordsIn(sources)).to.equal(
      'machine http://mirror.example:8080/debian login ro@bot password s3/cret\n',
    )
  })
})

describe('hostsWithPassword', () => {
  it('returns the hosts in entries of auth.conf, with or without a scheme, port and path', () => {
    const authConf = [
      'machine a.example login x password y',
      'machine http://b.example:80/debian',
      '  login x password y machine https://c.example/ login x password y',
      'machine sub.d.example login x password y',
    ]
    const hosts = ['a.example', 'b.example', 'c.example', 'd.example']
    expect(hostsWithPassword(authConf.join('\n'), hosts)).to.deep.equal([
      'a.example',
      'b.example',
      'c.example',
    ])
  })
})

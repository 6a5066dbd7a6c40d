import { expect } from 'chai'

import { aptPlan } from '../../src/state/apt-plan.ts'
import { aptSources } from '../../src/state/apt-sources.ts'
import { debFile } from '../../src/state/deb-file.ts'
import type { Write } from '../../src/state/definition/write.ts'
import { packageLists } from '../../src/state/package-lists.ts'
import { packageKind } from '../../src/state/package.ts'
import type { PackageQuestion, PackageValue } from '../../src/state/package/value.ts'
import { path } from '../../src/state/path.ts'
import { joinScripts, sh } from '../../src/target/sh.ts'
import { lint, readState, run, shells } from '../modules/harness.ts'

function answers(
  packages: string,
  policy: string,
  names: readonly string[],
  journal = '',
): readonly PackageValue[] {
  const output = `== manager\napt\n== journal\n${journal}== packages\n${packages}== policy\n${policy}`
  return packageKind.parse(
    output,
    names.map((name) => ({ name })),
  )
}

const bookworm = [
  'ii \tbash\tamd64\t5.2.15-2+b13\t',
  'ii \tdpkg\tamd64\t1.21.23\t',
  'hi \tcurl\tamd64\t7.88.1-10+deb12u15\t',
  'rc \tsl\tamd64\t5.02-1+b1\t',
  'un \tvim\t\t\t',
  'ii \tlibc6\ti386\t2.36-9\tlibc6-2.36',
  'ii \tg++\tamd64\t4:12.2.0-3\tc++-compiler, g++-x86-64-linux-gnu (= 4:12.2.0-3)',
  'ii \tmawk\tamd64\t1.3.4.20200120-3.1\tawk',
  'ii \tphp8.2-fpm\tamd64\t8.2.29\tphp-fpm (= 8.2.29), phpapi-20220829',
  '',
].join('\n')

const policy = `awk:
  Installed: (none)
  Candidate: (none)
  Version table:
php-fpm:
  Installed: (none)
  Candidate: 2:8.2+93
  Version table:
     2:8.2+93 500
        500 http://deb.example.org/debian bookworm/main amd64 Packages
bash:
  Installed: 5.2.15-2+b8
  Candidate: 5.2.15-2+b13
  Version table:
 *** 5.2.15-2+b8 100
        100 /var/lib/dpkg/status
`

describe('kind package', () => {
  const cases: [string, string, PackageValue][] = [
    [
      'an installed package',
      'curl',
      { manager: 'apt', installed: true, version: '7.88.1-10+deb12u15', held: true },
    ],
    [
      'a package with its candidate',
      'bash',
      { manager: 'apt', installed: true, version: '5.2.15-2+b13', candidate: '5.2.15-2+b13' },
    ],
    ['a removed package', 'sl', { manager: 'apt', installed: false, residual: true }],
    ['a package that is not installed', 'vim', { manager: 'apt', installed: false }],
    ['a package of another architecture as not installed', 'libc6', { manager: 'apt', installed: false }],
    [
      'a package by name and architecture',
      'libc6:i386',
      { manager: 'apt', installed: true, version: '2.36-9' },
    ],
    [
      'a package with special characters in its name',
      'g++',
      { manager: 'apt', installed: true, version: '4:12.2.0-3' },
    ],
    ['a virtual package', 'awk', { manager: 'apt', installed: true, providedBy: ['mawk'] }],
    [
      'a real package that another package provides',
      'php-fpm',
      { manager: 'apt', installed: false, candidate: '2:8.2+93' },
    ],
    ['an unknown package', 'nosuch', { manager: 'apt', installed: false }],
  ]
  for (const [title, name, expected] of cases)
    it(`returns ${title}`, () => {
      expect(answers(bookworm, policy, [name])).to.deep.equal([expected])
    })

  it('returns the interrupted installation of any package', () => {
    const half = `${bookworm}iF \tnginx\tamd64\t1.22.1\t\niHR\tbroken\tamd64\t1\t\n`
    expect(answers(half, '', ['bash', 'nginx']).map(({ installed }) => installed)).to.deep.equal([
      true,
      false,
    ])
    expect(answers(half, '', ['bash'])[0]?.interrupted).to.deep.equal(['nginx', 'broken'])
    expect(answers(bookworm, '', ['bash'], '/var/lib/dpkg/updates/0001\n')[0]?.interrupted).to.deep.equal([
      'dpkg',
    ])
  })

  it('rejects an unknown state', () => {
    expect(() => answers('zz \tbash\tamd64\t1\t\n', '', ['bash'])).to.throw('unexpected output')
  })

  it('never passes a pattern or an option as a name', () => {
    for (const name of ['php*', '-o', 'a b', 'bash-', 'A']) {
      expect(packageKind.read([{ name, version: 'candidate' }]).text, name).to.equal(
        packageKind.read([]).text,
      )
      expect(answers(bookworm, '', [name])).to.deep.equal([
        { manager: 'apt', installed: false, invalidName: true },
      ])
    }
  })

  it('fails on a host without a supported package manager', () => {
    const { code, stderr } = run(joinScripts([sh`PATH=/nonexistent`, packageKind.read([{ name: 'bash' }])]))
    expect(code).to.equal(1)
    expect(stderr).to.contain('no supported package manager on this host')
  })

  for (const shell of shells)
    it(`reads the packages of this machine with ${shell}`, () => {
      const questions: PackageQuestion[] = ['bash', 'awk', 'no-such-package'].map((name) => ({ name }))
      lint(packageKind.read(questions))
      const { packages } = readState({ packages: questions.map((one) => packageKind.key(one)) }, shell)
      const [bash, awk, nothing] = packages as PackageValue[]
      expect(bash).to.include({ manager: 'apt', installed: true })
      expect(awk?.providedBy).to.have.length.above(0)
      expect(nothing).to.deep.equal({ manager: 'apt', installed: false })
    })

  describe('freshness', () => {
    const packages: Write = { type: 'scope', scope: 'packages', until: 'nginx is installed' }
    const removal = packageKind.write({ name: 'other' }, { manager: 'apt', installed: false })
    const install = packageKind.write({ name: 'other' }, { manager: 'apt', installed: true })
    const source = path.write({ path: '/etc/apt/sources.list.d/x.list' })
    const installed: PackageValue = { manager: 'apt', installed: true, version: '1' }
    const cases: [string, PackageQuestion, Write, PackageValue, boolean][] = [
      [
        'by an installation, when absent',
        { name: 'a' },
        packages,
        { manager: 'apt', installed: false },
        true,
      ],
      ['by an installation, when installed', { name: 'a' }, packages, installed, false],
      [
        'by an installation, when the version matters',
        { name: 'a', version: 'installed' },
        packages,
        installed,
        true,
      ],
      ['by a removal', { name: 'a' }, removal, installed, true],
      [
        'by an unknown change of a package',
        { name: 'a' },
        packageKind.write({ name: 'any' }),
        installed,
        true,
      ],
      [
        'by the installation of another package',
        { name: 'a' },
        install,
        { manager: 'apt', installed: false },
        false,
      ],
      [
        'by a new source, when the candidate matters',
        { name: 'a', version: 'candidate' },
        source,
        installed,
        true,
      ],
      [
        'by new lists, when the candidate matters',
        { name: 'a', version: 'candidate' },
        packageLists.write({}, {}),
        installed,
        true,
      ],
      ['by a new source', { name: 'a' }, source, { manager: 'apt', installed: false }, false],
      [
        'by a template',
        { name: 'a' },
        path.write({ path: '/etc/nginx/nginx.conf' }),
        { manager: 'apt', installed: false },
        false,
      ],
    ]
    for (const [title, question, write, answer, expected] of cases)
      it(`is ${expected ? '' : 'not '}affected ${title}`, () => {
        expect(packageKind.touchedBy(question, write, answer)).to.equal(expected)
      })
  })
})

describe('kinds package-lists, apt-plan, apt-sources and deb-file', () => {
  it('passes the linters', () => {
    lint(packageLists.read([{}]))
    lint(aptPlan.read([{ action: 'upgrade' }, { action: 'fix' }]))
    lint(aptSources.read([{}]))
    lint(debFile.read([{ path: '/tmp/a b.deb' }]))
  })

  it('returns the age of the lists from the newest stamp', () => {
    const parse = (output: string) => packageLists.parse(output, [{}])[0]
    expect(parse('updated 900\nupdated 950\nnow 1000\n')).to.deep.equal({ age: 50 })
    expect(parse('updated 900\noutdated\noutdated\nnow 1000\n')).to.deep.equal({ age: 100, outdated: true })
    expect(parse('now 1000\n')).to.deep.equal({})
    expect(() => parse('')).to.throw("unexpected output about the age of apt's lists")
  })

  it('parses a plan of apt-get', () => {
    const output = [
      '== upgrade',
      'Reading package lists...',
      'Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.11/stable [amd64])',
      'Conf bash (5.2.15-2+b13 Debian:12.11/stable [amd64])',
      '== autoremove',
      'Remv libfoo1 [1.0-1]',
      '== ',
      '',
    ].join('\n')
    expect(aptPlan.parse(output, [{ action: 'upgrade' }, { action: 'autoremove' }])).to.deep.equal([
      ['install bash 5.2.15-2+b13'],
      ['remove libfoo1'],
    ])
  })

  it('parses all source files', () => {
    const output =
      '== /etc/apt/sources.list\n|deb http://a b c\n|# x\n== /etc/apt/sources.list.d/x.sources\n|Types: deb\n'
    expect(aptSources.parse(output, [{}])).to.deep.equal([
      {
        '/etc/apt/sources.list': ['deb http://a b c', '# x'],
        '/etc/apt/sources.list.d/x.sources': ['Types: deb'],
      },
    ])
    expect(() => aptSources.parse('what', [{}])).to.throw('unexpected line of apt sources')
  })

  it('distinguishes a package file from a missing one', () => {
    const [missing] = debFile.parse(run(debFile.read([{ path: '/no/such.deb' }])).stdout, [
      { path: '/no/such.deb' },
    ])
    expect(missing).to.deep.equal({ exists: false })
    expect(
      debFile.parse('==\nPackage: a\nVersion: 1:2\nArchitecture: all\nInstalled: 1:1\n', [
        { path: '/a.deb' },
      ]),
    ).to.deep.equal([{ exists: true, name: 'a', version: '1:2', installedVersion: '1:1' }])
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { TaskFailure } from '../../src/errors.ts'
import { apt } from '../../src/modules/apt.ts'
import { isVersion, packageList } from '../../src/modules/apt/package-name.ts'
import { validatePackages } from '../../src/modules/apt/script.ts'
import type { Change } from '../../src/modules/definition/change.ts'
import type { Step } from '../../src/modules/definition/module.ts'
import { packageModule } from '../../src/modules/package.ts'
import type { PackageListsValue } from '../../src/state/package-lists.ts'
import { isDebianName } from '../../src/state/package/apt.ts'
import type { PackageValue } from '../../src/state/package/value.ts'
import { lint, run, shells } from './harness.ts'

interface Host {
  readonly packages?: readonly PackageValue[]
  readonly lists?: PackageListsValue
  readonly plan?: readonly string[]
  readonly debFile?: object
}

function changes(given: object, host: Host): Change[] {
  return apt.diff({ packages: [], ...host } as never, apt.params.parse(given))
}

function step(given: object, host: Host): Step {
  const params = apt.params.parse(given)
  const [only, ...more] = apt.apply(changes(given, host), params, { packages: [], ...host } as never)
  expect(more).to.deep.equal([])
  return only!
}

/** Returns the line that changes packages. */
function command(given: object, host: Host): string {
  return step(given, host).script.text.split('\n').at(-1) ?? ''
}

function problems(given: object): string {
  return JSON.stringify(apt.params.safeParse(given).error?.issues.map(({ message }) => message))
}

const absent: PackageValue = { manager: 'apt', installed: false }
const fresh = { age: 100 }

describe('module apt', () => {
  describe('diff', () => {
    const cases: [string, object, Host, [string, unknown, unknown][]][] = [
      [
        'installs a missing package',
        { name: 'a' },
        { packages: [absent] },
        [['a', 'not installed', 'installed']],
      ],
      [
        'changes nothing if the package is installed',
        { name: 'a' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [],
      ],
      [
        'changes nothing if another package provides the name',
        { name: 'awk' },
        { packages: [{ manager: 'apt', installed: true, providedBy: ['mawk'] }] },
        [],
      ],
      [
        'installs only the missing packages of several',
        { name: ['a', 'b'] },
        { packages: [{ manager: 'apt', installed: true }, absent] },
        [['b', 'not installed', 'installed']],
      ],
      [
        'replaces another version by the wanted version',
        { name: 'a=2' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [['a', '1', '2']],
      ],
      [
        'changes nothing if the installed version matches a pattern',
        { name: 'a=1.2*' },
        { packages: [{ manager: 'apt', installed: true, version: '1.2.9' }] },
        [],
      ],
      [
        'upgrades an older version with state: latest',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true, version: '1', candidate: '2' }], lists: fresh },
        [['a', '1', '2']],
      ],
      [
        'changes nothing if the latest version is installed',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true, version: '2', candidate: '2' }], lists: fresh },
        [],
      ],
      [
        'changes nothing if the installation is predicted, with state: latest',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true }], lists: fresh },
        [],
      ],
      [
        'removes an installed package',
        { name: 'a', state: 'absent' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [['a', 'installed (1)', 'not installed']],
      ],
      [
        'changes nothing if the package is already removed',
        { name: 'a', state: 'absent' },
        { packages: [{ manager: 'apt', installed: false, residual: true }] },
        [],
      ],
      [
        'purges the configuration of a removed package',
        { name: 'a', state: 'absent', purge: true },
        { packages: [{ manager: 'apt', installed: false, residual: true }] },
        [['a', 'configuration left', 'purged']],
      ],
      [
        'does not install a missing package with only_upgrade',
        { name: 'a', only_upgrade: true },
        { packages: [absent] },
        [],
      ],
      [
        'finishes an interrupted installation',
        { name: 'a' },
        { packages: [{ manager: 'apt', installed: true, interrupted: ['b', 'c'] }] },
        [['installation', 'interrupted: b, c', 'finished']],
      ],
      [
        'fetches lists before it installs a missing package',
        { name: 'a', update_cache: true },
        { packages: [absent], lists: {} },
        [
          ['package lists', 'never fetched', 'fetched'],
          ['a', 'not installed', 'installed'],
        ],
      ],
      [
        'fetches no lists if everything is installed',
        { name: 'a', update_cache: true },
        { packages: [{ manager: 'apt', installed: true }], lists: { age: 99999 } },
        [],
      ],
      ['fetches no lists that are still valid', { cache_valid_time: 3600 }, { lists: { age: 3599 } }, []],
      [
        'fetches lists that are too old',
        { cache_valid_time: 3600 },
        { lists: { age: 3600 } },
        [['package lists', 'fetched 3600 s ago', 'fetched']],
      ],
      [
        'fetches lists that are older than the sources',
        { cache_valid_time: 3600 },
        { lists: { age: 5, outdated: true } },
        [['package lists', 'fetched 5 s ago', 'fetched']],
      ],
      [
        'upgrades all packages',
        { upgrade: 'dist' },
        { plan: ['install a 2'] },
        [['upgrade', ['install a 2'], []]],
      ],
      ['changes nothing if there is nothing to upgrade', { upgrade: true }, { plan: [] }, []],
      [
        'installs a newer package file',
        { deb: '/a.deb' },
        { debFile: { exists: true, name: 'a', version: '2', installedVersion: '1' } },
        [['a', 'installed (1)', 'installed (2)']],
      ],
    ]
    for (const [title, given, host, expected] of cases)
      it(title, () => {
        const found = changes(given, host).map(({ field, before, after }) => [field, before, after])
        expect(found).to.deep.equal(expected)
      })
  })

  it('reports an update of the lists alone as a transient change unless it has a valid time', () => {
    expect(changes({ update_cache: true }, { lists: { age: 1 } })[0]?.transient).to.equal(true)
    expect(changes({ cache_valid_time: 60 }, { lists: { age: 99 } })[0]?.transient).to.equal(undefined)
  })

  describe('errors on the host', () => {
    const held: PackageValue = { manager: 'apt', installed: true, version: '1', held: true, candidate: '2' }
    const cases: [string, object, Host, RegExp][] = [
      [
        'refuses to remove a held package',
        { name: 'a', state: 'absent' },
        { packages: [held] },
        /^a is held at 1/,
      ],
      [
        'refuses to upgrade a held package',
        { name: 'a', state: 'latest' },
        { packages: [held], lists: fresh },
        /held/,
      ],
      [
        'fails for an unknown package',
        { name: 'a', state: 'latest' },
        { packages: [absent], lists: fresh },
        /^no package named a$/,
      ],
      [
        'fails for a missing package file',
        { deb: '/a.deb' },
        { debFile: { exists: false } },
        /package file \/a.deb does not exist/,
      ],
    ]
    for (const [title, given, host, message] of cases)
      it(title, () => {
        expect(() => changes(given, host)).to.throw(TaskFailure, message)
      })

    it('accepts an unknown package while there are no lists, and a held one if the task allows it', () => {
      const given = { name: 'a', state: 'latest' }
      expect(changes(given, { packages: [absent], lists: {} })).to.have.length(1)
      expect(
        changes({ ...given, allow_change_held_packages: true }, { packages: [held], lists: fresh }),
      ).to.have.length(1)
    })
  })

  describe('steps', () => {
    const cases: [string, object, Host, string][] = [
      [
        'installs all packages in one transaction',
        { name: ['a', 'b=1.2*'] },
        { packages: [absent, absent] },
        "run_apt '--no-remove' 'install' '--' 'a' 'b=1.2*'",
      ],
      [
        'passes options to apt-get',
        {
          name: 'a',
          install_recommends: false,
          default_release: 'sid',
          allow_downgrade: true,
          fail_on_autoremove: false,
        },
        { packages: [absent] },
        "run_apt '-o' 'APT::Install-Recommends=false' '-t' 'sid' '--allow-downgrades' 'install' '--' 'a'",
      ],
      [
        'removes packages',
        { name: 'a', state: 'absent', purge: true, autoremove: true },
        { packages: [{ manager: 'apt', installed: true }] },
        "run_apt '--purge' '--autoremove' 'remove' '--' 'a'",
      ],
      [
        'upgrades all packages',
        { upgrade: 'safe' },
        { plan: ['install a'] },
        "run_apt '--no-remove' 'upgrade' '--with-new-pkgs'",
      ],
      ['runs a full upgrade', { upgrade: 'dist' }, { plan: ['install a'] }, "run_apt 'dist-upgrade'"],
      ['updates the lists', { update_cache: true }, { lists: {} }, 'update_lists'],
      [
        'installs a package file',
        { deb: '/a b.deb' },
        { debFile: { exists: true, name: 'a', version: '1' } },
        "run_apt '--no-remove' 'install' '/a b.deb'",
      ],
    ]
    for (const [title, given, host, expected] of cases)
      it(title, () => {
        expect(command(given, host)).to.equal(expected)
      })

    it('declares short commands to show after a failure', () => {
      const { command: shown, validateCommand } = step({ name: ['a', 'b'] }, { packages: [absent, absent] })
      expect(shown).to.equal('apt-get --no-remove install -- a b')
      expect(validateCommand).to.equal('apt-cache policy a b')
      const updating = { name: 'a', update_cache: true }
      expect(step(updating, { packages: [absent], lists: {} }).command).to.equal(
        'apt-get update && apt-get --no-remove install -- a',
      )
    })

    it('returns scripts that pass shellcheck', () => {
      for (const [, given, host] of cases) {
        const { script, validate } = step({ ...given, policy_rc_d: 101 }, host)
        lint(script)
        if (validate !== undefined) lint(validate)
      }
    })

    it('fetches missing lists in the same step', () => {
      const lines = step({ name: 'a' }, { packages: [absent] }).script.text.split('\n')
      expect(lines.slice(-2)[0]).to.equal('update_missing_lists')
    })

    for (const shell of shells)
      it(`checks names without a change, under ${shell}`, function () {
        this.timeout(20_000)
        const known = run(validatePackages(['bash', 'libc6:amd64']), shell)
        expect(known).to.deep.equal({ code: 0, stdout: '', stderr: '' })
        const unknown = run(validatePackages(['bash', 'no-such-package', 'nor-this']), shell)
        const lists = run({ text: 'ls /var/lib/apt/lists/*Release', attachments: new Map() }).code === 0
        expect(unknown.code).to.equal(lists ? 1 : 0)
        if (lists) expect(unknown.stderr).to.match(/^no package named no-such-package nor-this:/)
      })

    it('checks no names if the step updates the lists', () => {
      expect(step({ name: 'a' }, { packages: [absent] }).validate?.text).to.contain("set -- 'a'")
      expect(step({ name: 'a', update_cache: true }, { packages: [absent], lists: {} }).validate).to.equal(
        undefined,
      )
    })
  })

  it('declares its writes, and until when the rest is unknown', () => {
    const { writes } = step({ name: ['a', 'b=1', 'c'] }, { packages: [absent, absent, absent] })
    expect(writes).to.deep.equal([
      { type: 'thing', kind: 'package', subject: 'a', value: { manager: 'apt', installed: true } },
      {
        type: 'thing',
        kind: 'package',
        subject: 'b',
        value: { manager: 'apt', installed: true, version: '1' },
      },
      { type: 'thing', kind: 'package', subject: 'c', value: { manager: 'apt', installed: true } },
      { type: 'scope', scope: 'packages', until: 'a and 2 more are installed' },
    ])
    expect(step({ update_cache: true }, { lists: {} }).writes).to.deep.equal([
      { type: 'thing', kind: 'package-lists', subject: '/var/lib/apt/lists', value: { age: 0 } },
    ])
    const removal = step({ name: 'a', state: 'absent' }, { packages: [{ manager: 'apt', installed: true }] })
    expect(removal.writes.at(-1)).to.deep.include({ until: 'a is removed' })
    expect(removal.writes).to.deep.include({ type: 'thing', kind: 'package', subject: 'any' })
  })

  describe('parameters', () => {
    const cases: [string, object, string][] = [
      ['a task without work', {}, 'needs name, deb, upgrade'],
      ['a pattern', { name: 'php8*' }, 'a pattern could match other packages'],
      ['another comparison', { name: 'a>=1' }, 'write a version as'],
      ['a file as a name', { name: '/tmp/a.deb' }, 'use the parameter deb'],
      ['a name that removes', { name: 'a-' }, "invalid package name 'a-'"],
      ['a version that is no pattern', { name: 'a=1[9-1]' }, "invalid package name 'a=1[9-1]'"],
      ['an option', { name: '--purge' }, "invalid package name '--purge'"],
      ['a version to remove', { name: 'a=1', state: 'absent' }, 'a version needs state: present'],
      ['names and an upgrade', { name: 'a', upgrade: 'dist' }, 'upgrade applies to all packages'],
    ]
    for (const [title, given, message] of cases)
      it(`rejects ${title}`, () => {
        expect(problems(given)).to.contain(message)
      })
  })

  it('accepts every name that Debian allows, and none that has another meaning for apt', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,30}$/), (name) => {
        expect(packageList.safeParse(name).success).to.equal(isDebianName(name))
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = packageList.safeParse([text])
        const names = parsed.success ? parsed.data.map(({ name }) => name) : []
        expect(names.every((name) => /^[a-z0-9]/.test(name) && !/[\s*?/'"$`;-]$/.test(name))).to.equal(true)
      }),
    )
  })

  it('treats an unknown version as the wanted one', () => {
    expect([
      isVersion('1.2', '1.2'),
      isVersion('1.20', '1.2'),
      isVersion('1.2', '1.2*'),
      isVersion(undefined, '3'),
    ]).to.deep.equal([true, false, true, true])
  })

  for (const [wanted, matching, other] of [
    ['1.?', '1.2', '1.20'],
    ['5.*-1', '5.4.2-1', '5.4.2-11'],
    ['*.1-1', '5:5.1-1', '5.1-2'],
    ['1.[0-4]*', '1.3~rc1', '1.5'],
  ] as const)
    it(`matches the version ${wanted} like apt`, () => {
      expect([isVersion(matching, wanted), isVersion(other, wanted)]).to.deep.equal([true, false])
      const { writes } = step({ name: `a=${wanted}` }, { packages: [{ manager: 'apt', installed: false }] })
      expect(JSON.stringify(writes)).not.to.contain(wanted)
    })
})

describe('module package', () => {
  const params = (given: object) => packageModule.params.parse({ state: 'present', ...given })
  const installed = { manager: 'apt', installed: true }

  it('uses the package manager of the host', () => {
    const wanted = params({ name: 'a,b' })
    const state = { packages: [absent, installed] } as never
    const found = packageModule.diff(state, wanted)
    expect(found.map(({ field }) => field)).to.deep.equal(['a'])
    const [only] = packageModule.apply(found, wanted, state)
    expect(only?.script.text).to.contain("run_apt '--no-remove' 'install' '--' 'a'")
  })

  it('makes the same changes as apt with the same names and state', () => {
    for (const state of ['present', 'latest', 'absent']) {
      const host = { packages: [installed, { ...absent, candidate: '1' }], lists: fresh } as never
      const ofPackage = packageModule.diff(host, params({ name: 'a,b', state }))
      const given = apt.params.parse({ name: 'a,b', state })
      expect(ofPackage).to.deep.equal(apt.diff(host, given))
      expect(packageModule.apply(ofPackage, params({ name: 'a,b', state }), host)).to.deep.equal(
        apt.apply(ofPackage, given, host),
      )
    }
  })

  it('fails on the host for a name that its package manager does not allow', () => {
    const wanted = params({ name: 'NetworkManager' })
    const state = { packages: [{ manager: 'apt', installed: false, invalidName: true }] } as never
    expect(() => packageModule.diff(state, wanted)).to.throw(
      "invalid package name 'NetworkManager': apt allows only lower case names",
    )
    expect(apt.params.safeParse({ name: 'NetworkManager' }).success).to.equal(false)
  })

  for (const name of ['', 'php*', '-o', 'a b', 'a>1', '/tmp/a.deb', 'a.deb'])
    it(`rejects the name ${JSON.stringify(name)} before a host is known`, () => {
      expect(packageModule.params.safeParse({ name, state: 'present' }).success).to.equal(false)
    })
})

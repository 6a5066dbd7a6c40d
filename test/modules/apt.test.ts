import { expect } from 'chai'
import fc from 'fast-check'

import { TaskFailure } from '../../src/errors.ts'
import { apt } from '../../src/modules/apt.ts'
import { isVersion, packageList } from '../../src/modules/apt/package-name.ts'
import { validatePackages } from '../../src/modules/apt/script.ts'
import type { Change, Step } from '../../src/modules/definition/module.ts'
import { packageModule } from '../../src/modules/package.ts'
import type { PackageListsValue } from '../../src/state/package-lists.ts'
import { isDebianName } from '../../src/state/package/debian.ts'
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

/** The line that changes packages. */
function command(given: object, host: Host): string {
  return step(given, host).script.text.split('\n').at(-1) ?? ''
}

function problems(given: object): string {
  return JSON.stringify(apt.params.safeParse(given).error?.issues.map(({ message }) => message))
}

const absent: PackageValue = { manager: 'apt', installed: false }
const fresh = { age: 100 }

describe('module apt', () => {
  describe('compares', () => {
    const cases: [string, object, Host, [string, unknown, unknown][]][] = [
      ['a missing package', { name: 'a' }, { packages: [absent] }, [['a', 'not installed', 'installed']]],
      [
        'an installed one',
        { name: 'a' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [],
      ],
      [
        'a provided one',
        { name: 'awk' },
        { packages: [{ manager: 'apt', installed: true, providedBy: ['mawk'] }] },
        [],
      ],
      [
        'only what is missing of several',
        { name: ['a', 'b'] },
        { packages: [{ manager: 'apt', installed: true }, absent] },
        [['b', 'not installed', 'installed']],
      ],
      [
        'a wanted version',
        { name: 'a=2' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [['a', '1', '2']],
      ],
      [
        'a version of its family',
        { name: 'a=1.2*' },
        { packages: [{ manager: 'apt', installed: true, version: '1.2.9' }] },
        [],
      ],
      [
        'an older one than the latest',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true, version: '1', candidate: '2' }], lists: fresh },
        [['a', '1', '2']],
      ],
      [
        'the latest',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true, version: '2', candidate: '2' }], lists: fresh },
        [],
      ],
      [
        'a predicted one with the latest',
        { name: 'a', state: 'latest' },
        { packages: [{ manager: 'apt', installed: true }], lists: fresh },
        [],
      ],
      [
        'one to be removed',
        { name: 'a', state: 'absent' },
        { packages: [{ manager: 'apt', installed: true, version: '1' }] },
        [['a', 'installed (1)', 'not installed']],
      ],
      [
        'one removed already',
        { name: 'a', state: 'absent' },
        { packages: [{ manager: 'apt', installed: false, residual: true }] },
        [],
      ],
      [
        'its configuration',
        { name: 'a', state: 'absent', purge: true },
        { packages: [{ manager: 'apt', installed: false, residual: true }] },
        [['a', 'configuration left', 'purged']],
      ],
      ['one that is not to be new', { name: 'a', only_upgrade: true }, { packages: [absent] }, []],
      [
        'an interrupted installation',
        { name: 'a' },
        { packages: [{ manager: 'apt', installed: true, interrupted: ['b', 'c'] }] },
        [['installation', 'interrupted: b, c', 'finished']],
      ],
      [
        'new lists for a missing package',
        { name: 'a', update_cache: true },
        { packages: [absent], lists: {} },
        [
          ['lists of packages', 'never fetched', 'fetched'],
          ['a', 'not installed', 'installed'],
        ],
      ],
      [
        'no lists when everything is there',
        { name: 'a', update_cache: true },
        { packages: [{ manager: 'apt', installed: true }], lists: { age: 99999 } },
        [],
      ],
      ['lists that are young enough', { cache_valid_time: 3600 }, { lists: { age: 3599 } }, []],
      [
        'lists that are too old',
        { cache_valid_time: 3600 },
        { lists: { age: 3600 } },
        [['lists of packages', 'fetched 3600 s ago', 'fetched']],
      ],
      [
        'lists that are older than the sources',
        { cache_valid_time: 3600 },
        { lists: { age: 5, outdated: true } },
        [['lists of packages', 'fetched 5 s ago', 'fetched']],
      ],
      ['an upgrade', { upgrade: 'dist' }, { plan: ['install a 2'] }, [['upgrade', ['install a 2'], []]]],
      ['nothing to upgrade', { upgrade: true }, { plan: [] }, []],
      [
        'a package file',
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

  it('an update alone is a change every time, with a valid time it can be read back', () => {
    expect(changes({ update_cache: true }, { lists: { age: 1 } })[0]?.transient).to.equal(true)
    expect(changes({ cache_valid_time: 60 }, { lists: { age: 99 } })[0]?.transient).to.equal(undefined)
  })

  describe('refuses on the host', () => {
    const held: PackageValue = { manager: 'apt', installed: true, version: '1', held: true, candidate: '2' }
    const cases: [string, object, Host, RegExp][] = [
      ['to remove what is held', { name: 'a', state: 'absent' }, { packages: [held] }, /^a is held at 1/],
      ['to upgrade what is held', { name: 'a', state: 'latest' }, { packages: [held], lists: fresh }, /held/],
      [
        'an unknown package',
        { name: 'a', state: 'latest' },
        { packages: [absent], lists: fresh },
        /^no package named a$/,
      ],
      ['a missing file', { deb: '/a.deb' }, { debFile: { exists: false } }, /no package file \/a.deb/],
    ]
    for (const [title, given, host, message] of cases)
      it(title, () => {
        expect(() => changes(given, host)).to.throw(TaskFailure, message)
      })

    it('but not a package that new lists may bring', () => {
      const given = { name: 'a', state: 'latest' }
      expect(changes(given, { packages: [absent], lists: {} })).to.have.length(1)
      expect(
        changes({ ...given, allow_change_held_packages: true }, { packages: [held], lists: fresh }),
      ).to.have.length(1)
    })
  })

  describe('runs', () => {
    const cases: [string, object, Host, string][] = [
      [
        'one transaction for all names',
        { name: ['a', 'b=1.2*'] },
        { packages: [absent, absent] },
        "run_apt '--no-remove' 'install' '--' 'a' 'b=1.2*'",
      ],
      [
        'with its options',
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
        'a removal',
        { name: 'a', state: 'absent', purge: true, autoremove: true },
        { packages: [{ manager: 'apt', installed: true }] },
        "run_apt '--purge' '--autoremove' 'remove' '--' 'a'",
      ],
      [
        'an upgrade',
        { upgrade: 'safe' },
        { plan: ['install a'] },
        "run_apt '--no-remove' 'upgrade' '--with-new-pkgs'",
      ],
      ['a full upgrade', { upgrade: 'dist' }, { plan: ['install a'] }, "run_apt 'dist-upgrade'"],
      ['new lists', { update_cache: true }, { lists: {} }, 'update_lists'],
      [
        'a package file',
        { deb: '/a b.deb' },
        { debFile: { exists: true, name: 'a', version: '1' } },
        "run_apt '--no-remove' 'install' '/a b.deb'",
      ],
    ]
    for (const [title, given, host, expected] of cases)
      it(title, () => {
        expect(command(given, host)).to.equal(expected)
      })

    it('what is shown in short when it fails', () => {
      const { command: shown, validateCommand } = step({ name: ['a', 'b'] }, { packages: [absent, absent] })
      expect(shown).to.equal('apt-get --no-remove install -- a b')
      expect(validateCommand).to.equal('apt-cache policy a b')
      const updating = { name: 'a', update_cache: true }
      expect(step(updating, { packages: [absent], lists: {} }).command).to.equal(
        'apt-get update && apt-get --no-remove install -- a',
      )
    })

    it('scripts that lint', () => {
      for (const [, given, host] of cases) {
        const { script, validate } = step({ ...given, policy_rc_d: 101 }, host)
        lint(script)
        if (validate !== undefined) lint(validate)
      }
    })

    it('lists first where there are none, in the same step', () => {
      const lines = step({ name: 'a' }, { packages: [absent] }).script.text.split('\n')
      expect(lines.slice(-2)[0]).to.equal('update_missing_lists')
    })

    for (const shell of shells)
      it(`a check of names that changes nothing, with ${shell}`, function () {
        this.timeout(20_000)
        const known = run(validatePackages(['bash', 'libc6:amd64']), shell)
        expect(known).to.deep.equal({ code: 0, stdout: '', stderr: '' })
        const unknown = run(validatePackages(['bash', 'no-such-package', 'nor-this']), shell)
        const lists = run({ text: 'ls /var/lib/apt/lists/*Release', attachments: new Map() }).code === 0
        expect(unknown.code).to.equal(lists ? 1 : 0)
        if (lists) expect(unknown.stderr).to.match(/^no package named no-such-package nor-this:/)
      })

    it('no check of names where new lists are to come', () => {
      expect(step({ name: 'a' }, { packages: [absent] }).validate?.text).to.contain("set -- 'a'")
      expect(step({ name: 'a', update_cache: true }, { packages: [absent], lists: {} }).validate).to.equal(
        undefined,
      )
    })
  })

  it('says what it writes, and until when the rest is unknown', () => {
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

  describe('refuses in a playbook', () => {
    const cases: [string, object, string][] = [
      ['nothing to do', {}, 'needs name, deb, upgrade'],
      ['a pattern', { name: 'php8*' }, 'is a pattern'],
      ['another comparison', { name: 'a>=1' }, 'a version is given as'],
      ['a file as a name', { name: '/tmp/a.deb' }, 'use the parameter deb'],
      ['a name that removes', { name: 'a-' }, 'not the name of a package'],
      ['an option', { name: '--purge' }, 'not the name of a package'],
      ['a version to remove', { name: 'a=1', state: 'absent' }, 'goes with state: present'],
      ['names and an upgrade', { name: 'a', upgrade: 'dist' }, 'upgrade is about all packages'],
    ]
    for (const [title, given, message] of cases)
      it(title, () => {
        expect(problems(given)).to.contain(message)
      })
  })

  it('takes every name that Debian allows, and nothing that apt reads otherwise', () => {
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

  it('a version that is not known counts as the wanted one', () => {
    expect([
      isVersion('1.2', '1.2'),
      isVersion('1.20', '1.2'),
      isVersion('1.2', '1.2*'),
      isVersion(undefined, '3'),
    ]).to.deep.equal([true, false, true, true])
  })
})

describe('module package', () => {
  const params = (given: object) => packageModule.params.parse({ state: 'present', ...given })
  const installed = { manager: 'apt', installed: true }

  it('works with the package manager that the host answered with', () => {
    const wanted = params({ name: 'a,b' })
    const state = { packages: [absent, installed] } as never
    const found = packageModule.diff(state, wanted)
    expect(found.map(({ field }) => field)).to.deep.equal(['a'])
    const [only] = packageModule.apply(found, wanted, state)
    expect(only?.script.text).to.contain("run_apt '--no-remove' 'install' '--' 'a'")
  })

  it('does what apt does with the same names and state', () => {
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

  it('leaves it to the package manager of the host which names are valid', () => {
    const wanted = params({ name: 'NetworkManager' })
    const state = { packages: [{ manager: 'apt', installed: false, invalidName: true }] } as never
    expect(() => packageModule.diff(state, wanted)).to.throw(
      "invalid package name 'NetworkManager': apt allows only lower case names",
    )
    expect(apt.params.safeParse({ name: 'NetworkManager' }).success).to.equal(false)
  })

  for (const name of ['', 'php*', '-o', 'a b', 'a>1', '/tmp/a.deb', 'a.deb'])
    it(`refuses ${JSON.stringify(name)} before a host is known`, () => {
      expect(packageModule.params.safeParse({ name, state: 'present' }).success).to.equal(false)
    })
})

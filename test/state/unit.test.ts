import { expect } from 'chai'

import type { Write } from '../../src/state/definition/write.ts'
import { path } from '../../src/state/path.ts'
import { unitFiles } from '../../src/state/unit-files.ts'
import { unit, unitName } from '../../src/state/unit.ts'
import type { UnitValue } from '../../src/state/unit/value.ts'
import { lint } from '../modules/harness.ts'

interface Shown {
  readonly Id: string
  readonly [property: string]: string
}

/** The output of systemd 252 and 257, with the properties that matter for a case. */
function shown(units: readonly Shown[], near = '', boot = ''): string {
  const blocks = units.map((properties) => {
    const all = {
      Type: '',
      RemainAfterExit: 'no',
      LoadState: 'loaded',
      ActiveState: 'inactive',
      SubState: 'dead',
      UnitFileState: '',
      CanReload: 'no',
      NeedDaemonReload: 'no',
      WantedBy: '',
      Conflicts: 'shutdown.target',
      ...properties,
    }
    return Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')
  })
  return `== units\n${blocks.join('\n\n')}\n== near\n${near}== boot\n${boot}`
}

function parse(properties: Shown, near = '', boot = ''): UnitValue {
  const [value] = unit.parse(shown([properties], near, boot), [{ name: properties.Id }])
  return value!
}

const ssh = {
  Id: 'ssh.service',
  Type: 'notify',
  ActiveState: 'active',
  SubState: 'running',
  UnitFileState: 'enabled',
  CanReload: 'yes',
  WantedBy: 'multi-user.target',
}

describe('kind unit', () => {
  it('passes the linters', () => {
    lint(unit.read([{ name: 'nginx.service' }, { name: 'a@b.timer' }]))
    lint(unit.read([{ name: 'nginx.service' }]))
    lint(unitFiles.read([{}]))
  })

  it('treats a name without a suffix as a service', () => {
    expect(['nginx', 'a.timer', 'getty@tty1', 'php8.2-fpm'].map(unitName)).to.deep.equal([
      'nginx.service',
      'a.timer',
      'getty@tty1.service',
      'php8.2-fpm.service',
    ])
  })

  it('parses a running service', () => {
    expect(parse(ssh)).to.deep.equal({
      exists: true,
      id: 'ssh.service',
      active: 'active',
      sub: 'running',
      enabled: true,
      masked: false,
      needsReload: false,
      canReload: true,
      runsOnce: false,
      related: ['multi-user.target', 'shutdown.target'],
    })
  })

  it('returns an answer for each question, even for an alias', () => {
    const output = shown([ssh, { Id: 'mariadb.service' }])
    const answers = unit.parse(output, [{ name: 'ssh.service' }, { name: 'mysql.service' }])
    expect(answers.map(({ id }) => id)).to.deep.equal(['ssh.service', 'mariadb.service'])
    expect(() => unit.parse(output, [{ name: 'ssh.service' }])).to.throw('described 2 units, not 1')
  })

  it('returns similar names for a missing unit', () => {
    const near = 'php8.2-fpm.service\nphpsessionclean.service\ncron.service\n'
    const value = parse({ Id: 'php-fpm.service', LoadState: 'not-found' }, near)
    expect(value.exists).to.equal(false)
    expect(value.near).to.deep.equal(['php8.2-fpm.service', 'phpsessionclean.service'])
  })

  const states: [string, string, boolean | undefined][] = [
    ['enabled', '', true],
    ['enabled-runtime', '', false],
    ['disabled', '', false],
    ['masked', '', false],
    ['static', '', undefined],
    ['indirect', '', undefined],
    ['generated', 'x.service\n', true],
    ['generated', '', false],
  ]
  for (const [state, boot, expected] of states)
    it(`returns enabled ${String(expected)} for ${state}${boot === '' ? '' : ' with a SysV link'}`, () => {
      expect(parse({ Id: 'x.service', UnitFileState: state }, '', boot).enabled).to.equal(expected)
    })

  it('rejects an unknown state', () => {
    expect(() => parse({ Id: 'x.service', UnitFileState: 'novel' })).to.throw('novel')
    expect(() => unit.parse('== units\n\n== near\n== boot\n', [{ name: 'x.service' }])).to.throw('without Id')
  })

  describe('freshness', () => {
    const answer = parse({ ...ssh, Requires: 'ssh.socket' })
    const other = parse({ Id: 'nginx.service' })
    const cases: [string, Write, boolean][] = [
      ['by packages', { type: 'scope', scope: 'packages', until: 'x is installed' }, true],
      ['by anything', { type: 'scope', scope: 'anything', until: 'it has run' }, true],
      ['by services', { type: 'scope', scope: 'services', until: 'x is started' }, false],
      ['by an unrelated unit', unit.write({ name: 'nginx.service' }, other), false],
      ['by a unit that it requires', unit.write({ name: 'ssh.socket' }, other), true],
      [
        'by a unit that wants it',
        unit.write({ name: 'x.service' }, { ...other, related: ['ssh.service'] }),
        true,
      ],
      ['by another unit in an unknown state', unit.write({ name: 'x.service' }), false],
      ['by a unit that it requires, in an unknown state', unit.write({ name: 'ssh.socket' }), true],
      ['by its own file', path.write({ path: '/etc/systemd/system/ssh.service' }), true],
      ['by its drop-in', path.write({ path: '/etc/systemd/system/ssh.service.d/limits.conf' }), true],
      ['by its alias', path.write({ path: '/etc/systemd/system/sshd.service' }), true],
      [
        'by its symlink for the boot',
        path.write({ path: '/etc/systemd/system/multi-user.target.wants/ssh.service' }),
        true,
      ],
      ['by a drop-in for all services', path.write({ path: '/etc/systemd/system/service.d/x.conf' }), true],
      ['by the file of another unit', path.write({ path: '/etc/systemd/system/app.service' }), false],
      ['by its SysV script', path.write({ path: '/etc/init.d/ssh' }), true],
      ['by the directory of units', path.write({ path: '/etc/systemd' }), true],
      ['by a template', path.write({ path: '/etc/nginx/nginx.conf' }), false],
    ]
    for (const [title, write, expected] of cases)
      it(`is ${expected ? '' : 'not '}affected ${title}`, () => {
        expect(unit.touchedBy({ name: 'sshd.service' }, write, answer)).to.equal(expected)
      })
  })
})

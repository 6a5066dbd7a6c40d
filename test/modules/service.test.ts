import { expect } from 'chai'

import { TaskFailure } from '../../src/errors.ts'
import { service } from '../../src/modules/service.ts'
import { systemd } from '../../src/modules/systemd.ts'
import type { UnitValue } from '../../src/state/unit/value.ts'
import { lint, run, shells, type Shell } from './harness.ts'

const running: UnitValue = {
  exists: true,
  id: 'nginx.service',
  active: 'active',
  sub: 'running',
  enabled: true,
  masked: false,
  needsReload: false,
  canReload: true,
  runsOnce: false,
  related: [],
}
const stopped: UnitValue = { ...running, active: 'inactive', sub: 'dead', enabled: false }
const masked: UnitValue = { ...stopped, masked: true }
const missing: UnitValue = { ...stopped, exists: false, near: [] }
const deleted: UnitValue = { ...missing, active: 'active', sub: 'running' }

function plan(given: object, unit: UnitValue) {
  const params = systemd.params.parse({ name: 'nginx', ...given })
  const state = { unit, files: undefined } as never
  const changes = systemd.diff(state, params)
  const steps = changes.length === 0 ? [] : systemd.apply(changes, params, state)
  const commands =
    (steps[0]?.script.text ?? '').match(/^systemctl [a-z-]+|^  systemctl daemon-reload/gm) ?? []
  return { changes, step: steps[0], commands: commands.map((line) => line.trim()) }
}

describe('modules service and systemd', () => {
  const cases: [string, object, UnitValue, string[], string[]][] = [
    ['do not start a running unit', { state: 'started' }, running, [], []],
    ['start a stopped unit', { state: 'started' }, stopped, ['state'], ['start']],
    ['start a failed unit', { state: 'started' }, { ...stopped, active: 'failed' }, ['state'], ['start']],
    [
      'start a unit that dies repeatedly',
      { state: 'started' },
      { ...running, active: 'activating', sub: 'auto-restart' },
      ['state'],
      ['start'],
    ],
    ['do not stop a stopped unit', { state: 'stopped' }, stopped, [], []],
    ['do not stop a failed unit', { state: 'stopped' }, { ...stopped, active: 'failed' }, [], []],
    ['stop a running unit', { state: 'stopped' }, running, ['state'], ['stop']],
    ['restart a unit', { state: 'restarted' }, running, ['state'], ['restart']],
    ['reload a unit', { state: 'reloaded' }, running, ['state'], ['reload']],
    ['start a stopped unit with state: reloaded', { state: 'reloaded' }, stopped, ['state'], ['start']],
    ['enable a unit', { enabled: true }, stopped, ['enabled'], ['enable']],
    ['disable a unit', { enabled: false }, running, ['enabled'], ['disable']],
    ['do not enable an enabled unit', { enabled: true }, running, [], []],
    [
      'unmask a unit before they start it',
      { masked: false, state: 'started' },
      masked,
      ['masked', 'state'],
      ['unmask', 'start'],
    ],
    [
      'stop a unit before they mask it',
      { masked: true, state: 'stopped' },
      running,
      ['masked', 'state'],
      ['stop', 'mask'],
    ],
    [
      'reload a changed definition',
      { daemon_reload: true },
      { ...running, needsReload: true },
      ['definition'],
      ['daemon-reload'],
    ],
    ['mask a unit without a file', { masked: true }, missing, ['masked'], ['mask']],
    [
      'mask a missing unit that must be stopped and disabled',
      { masked: true, state: 'stopped', enabled: false },
      missing,
      ['masked'],
      ['mask'],
    ],
    ['leave a missing unit unmasked', { masked: false }, missing, [], []],
    ['stop a running unit whose file is gone', { state: 'stopped' }, deleted, ['state'], ['stop']],
    [
      'stop and mask a running unit whose file is gone',
      { masked: true, state: 'stopped' },
      deleted,
      ['masked', 'state'],
      ['stop', 'mask'],
    ],
    ['do not reload an unchanged definition', { daemon_reload: true }, running, [], []],
  ]
  for (const [title, given, unit, fields, commands] of cases)
    it(title, () => {
      const found = plan(given, unit)
      expect(found.changes.map(({ field }) => field)).to.deep.equal(fields)
      const verbs = found.commands.map((line) => line.replace('systemctl ', ''))
      const known = ['start', 'stop', 'restart', 'reload', 'enable', 'disable', 'mask', 'unmask']
      const wanted = commands.includes('daemon-reload') ? [...known, 'daemon-reload'] : known
      expect(verbs.filter((verb) => wanted.includes(verb))).to.deep.equal(commands)
      if (found.step !== undefined) lint(found.step.script)
    })

  it('neither enable nor disable a unit that cannot be enabled', () => {
    const fixed = Object.fromEntries(
      Object.entries(running).filter(([name]) => name !== 'enabled'),
    ) as unknown as UnitValue
    expect(plan({ enabled: false }, fixed).changes).to.deep.equal([])
    expect(plan({ enabled: true }, fixed).changes).to.deep.equal([])
  })

  it('report restarts, reloads and starts of oneshot units as transient changes', () => {
    expect(plan({ state: 'restarted' }, running).changes[0]?.transient).to.equal(true)
    expect(plan({ state: 'reloaded' }, running).changes[0]?.transient).to.equal(true)
    expect(plan({ state: 'reloaded' }, stopped).changes[0]?.transient).to.equal(undefined)
    expect(plan({ state: 'started' }, { ...stopped, runsOnce: true }).changes[0]?.transient).to.equal(true)
  })

  it('declare the state of the unit afterwards, and that services may change', () => {
    const { step } = plan({ state: 'started', enabled: true }, stopped)
    expect(step?.writes).to.deep.equal([
      {
        type: 'thing',
        kind: 'unit',
        subject: 'nginx.service',
        value: { ...running, sub: 'running' },
      },
      { type: 'scope', scope: 'services', until: 'nginx is started' },
    ])
    expect(plan({ enabled: true }, stopped).step?.writes).to.have.length(1)
    expect(plan({ state: 'restarted' }, running).step?.effect).to.equal('restarts nginx: connections are cut')
  })

  describe('the watch after a start', () => {
    /** Runs a restart with a fake systemd, whose unit shows these properties, one line for each query. */
    function started(type: string, looks: readonly string[], shell: Shell) {
      const { step } = plan({ state: 'restarted' }, running)
      const shows = looks.map((look, index) => `${index}) look='${look}' ;;`).join(' ')
      const fake = `
        echo 0 >"$FILES/looked"
        sleep() { :; }
        journalctl() { echo 'the disk is gone'; }
        systemctl() {
          case $* in
            *NeedDaemonReload*) echo no ;;
            *Type,*)
              looked=$(cat "$FILES/looked")
              case $looked in ${shows} *) look='${looks.at(-1) ?? ''}' ;; esac
              echo $((looked + 1)) >"$FILES/looked"
              echo Type=${type}
              for property in $look; do echo "$property"; done ;;
            status*|*status*) echo 'the status' ;;
          esac
        }`
      return run({ text: `${fake}\n${step!.script.text}`, attachments: new Map() }, shell)
    }

    const up = 'ActiveState=active SubState=running NRestarts=0 MainPID=7 Result=success'
    const cases: [string, string, string[], number][] = [
      ['succeeds for a unit that reports that it is ready', 'notify', [up], 0],
      ['succeeds for a simple unit that keeps running', 'simple', [up], 0],
      [
        'fails for a simple unit that restarts',
        'simple',
        [up, up, up.replace('NRestarts=0', 'NRestarts=1')],
        1,
      ],
      [
        'fails for a simple unit that dies',
        'simple',
        [up, 'ActiveState=failed SubState=failed NRestarts=0 Result=exit-code'],
        1,
      ],
      [
        'fails for a unit between two attempts',
        'notify',
        ['ActiveState=activating SubState=auto-restart NRestarts=0'],
        1,
      ],
      [
        'fails for a simple unit that has ended',
        'simple',
        ['ActiveState=inactive SubState=dead NRestarts=0 Result=success'],
        1,
      ],
      [
        'succeeds for a oneshot unit that has ended',
        'oneshot',
        ['ActiveState=inactive SubState=dead NRestarts=0 Result=success'],
        0,
      ],
      [
        'succeeds for a socket, which has no counter of restarts',
        '',
        ['ActiveState=active SubState=listening Result=success'],
        0,
      ],
    ]
    for (const shell of shells)
      for (const [title, type, looks, code] of cases)
        it(`${title}, under ${shell}`, () => {
          const done = started(type, looks, shell)
          expect(done.code, done.stderr).to.equal(code)
          if (code !== 0)
            expect(done.stderr).to.match(/the status[^]*the disk is gone[^]*nginx\.service d.*\n$/)
        })
  })

  for (const given of [
    { state: 'started', masked: true },
    { enabled: true, masked: true },
    { enabled: false },
    { state: 'stopped' },
    { state: 'stopped', masked: false },
    { enabled: true, masked: false },
  ])
    it(`fail for a missing unit with ${JSON.stringify(given)}`, () => {
      expect(() => plan(given, missing)).to.throw(TaskFailure, 'Could not find the requested service nginx')
    })

  it('do not look again for a unit without a file that they have stopped', () => {
    expect(plan({ state: 'stopped' }, deleted).changes[0]?.transient).to.equal(true)
    expect(plan({ state: 'stopped' }, running).changes[0]).not.to.have.property('transient')
  })

  it('know that a masked unit exists', () => {
    expect(plan({ masked: true }, missing).step?.writes[0]).to.deep.include({
      value: { ...missing, exists: true, masked: true },
    })
  })

  it('fail for a missing unit, with similar names in the hint', () => {
    const absent: UnitValue = {
      ...stopped,
      exists: false,
      id: 'php-fpm.service',
      near: ['phpsessionclean.service', 'php8.2-fpm.service'],
    }
    const params = service.params.parse({ name: 'php-fpm', state: 'started' })
    const attempt = () => service.diff({ unit: absent } as never, params)
    expect(attempt).to.throw(TaskFailure, 'Could not find the requested service php-fpm')
    expect(attempt)
      .to.throw()
      .with.property('hint', 'use the name of a unit on this host, e.g. php8.2-fpm, phpsessionclean')
  })

  it('fail for a masked unit, and for one that cannot reload', () => {
    expect(() => plan({ state: 'started' }, masked)).to.throw(TaskFailure, 'nginx is masked')
    expect(() => plan({ state: 'reloaded' }, { ...running, canReload: false })).to.throw(
      TaskFailure,
      'cannot reload',
    )
  })

  it('reload the definitions of all units without a name', () => {
    const params = systemd.params.parse({ daemon_reload: 'yes' })
    const changed = { files: { changed: true } } as never
    expect(systemd.diff({ files: { changed: false } } as never, params)).to.deep.equal([])
    const [step] = systemd.apply(systemd.diff(changed, params), params, changed)
    expect(step?.script.text).to.equal('systemctl daemon-reload')
  })

  it('reject names that have another meaning for systemctl', () => {
    for (const name of ['', '-H', 'a*', 'a b', '/etc/x', 'getty@', 'getty@.service', '$(id)'])
      expect(service.params.safeParse({ name, state: 'started' }).success, name).to.equal(false)
    for (const name of [
      'php8.2-fpm',
      'getty@tty1',
      'dev-disk.mount',
      String.raw`a\x2db.service`,
      'a:b.service',
    ])
      expect(service.params.safeParse({ name, state: 'started' }).success, name).to.equal(true)
    expect(service.params.safeParse({ name: 'a' }).success).to.equal(false)
    expect(systemd.params.safeParse({ state: 'started' }).success).to.equal(false)
    expect(systemd.params.safeParse({ name: 'a', scope: 'user' }).success).to.equal(false)
  })
})

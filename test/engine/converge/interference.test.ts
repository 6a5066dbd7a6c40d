import { expect } from 'chai'

import type { Convergence } from '../../../src/engine/converge/convergence.ts'
import { interference, withEarlier, type StaleAttempt } from '../../../src/engine/converge/interference.ts'
import { invocationOf } from '../../../src/engine/converge/invocation.ts'
import type { Change } from '../../../src/modules/definition/change.ts'
import { path } from '../../../src/state/path.ts'
import { staleReading } from '../../../src/state/swap/stale-reading.ts'
import { findOtherWriters } from '../../../src/state/swap/other-writers.ts'
import { machineOn, setting, thing } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('stale attempts', () => {
  const changeOf = (field: string, before = 'old'): Change => ({ field, before, after: 'new' })
  const attempt = (stderr: string, ...changes: readonly Change[]): StaleAttempt => ({
    ...{ type: 'stale', changes, note: undefined },
    outcome: { code: staleReading, stdout: '', stderr, timedOut: false },
  })
  const done = (...changes: readonly Change[]): Convergence => ({
    ...{ type: 'done', changed: changes.length > 0, changes, effects: [], result: {} },
  })

  it('add nothing to the result if they changed nothing', () => {
    expect(withEarlier(done(), [attempt('')])).to.deep.equal(done())
    expect(withEarlier({ type: 'unknown', until: 'x' }, [attempt('', changeOf('mode'))])).to.deep.equal({
      ...{ type: 'unknown', until: 'x' },
    })
  })

  it('make a result changed', () => {
    expect(withEarlier(done(), [attempt('', changeOf('mode'))])).to.deep.include({
      ...{ type: 'done', changed: true, changes: [changeOf('mode')] },
    })
  })

  it('add each field once before the fields of the last attempt, which take precedence', () => {
    const attempts = [
      attempt('', changeOf('directory', 'first'), changeOf('mode')),
      attempt('', changeOf('owner'), changeOf('directory', 'second')),
    ]
    const { changes } = withEarlier(done(changeOf('mode', 'last')), attempts) as {
      changes: readonly Change[]
    }
    expect(changes).to.deep.equal([
      changeOf('directory', 'second'),
      changeOf('owner'),
      changeOf('mode', 'last'),
    ])
  })

  it('are explained by the last of them and by the writers of the paths that the task reads', async () => {
    const target = new FakeTarget()
    target.on(findOtherWriters(['/etc/motd']), () => ({ stdout: 'process 12 rsyslogd rsyslog.service\n' }))
    const { module } = setting(
      { name: 'door', value: 'shut' },
      {
        module: {
          reads: () => ({ file: path.key({ path: '/etc/motd' }), other: thing.key({ name: 'door' }) }),
        },
      },
    )
    const failure = await interference(machineOn(target), invocationOf(module, {}, undefined), [
      attempt('first'),
      attempt('last\n'),
    ])
    expect(failure.message).to.equal(
      'last, 2 times in a row, because of rsyslog.service (process 12, rsyslogd)',
    )
  })
})

import { expect } from 'chai'

import { now } from '../../../src/clock.ts'
import type { TaskStatus } from '../../../src/engine/event.ts'
import type { HostRun } from '../../../src/engine/host/host-run.ts'
import type { LoopResult } from '../../../src/engine/task/result.ts'
import { countResult, taskEvent, taskStart } from '../../../src/engine/task/task-event.ts'
import { hostOn, playWith } from '../fake-host.ts'
import { machineOn } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('the event of a task', () => {
  let host: HostRun
  const { play, tasks } = playWith('    - {name: look, look: {name: a}}\n')
  const [task] = tasks
  if (task?.module === undefined) throw new Error('the play has a task')
  const { at } = task
  const named = { ...task, name: 'look' }
  const change = { field: 'mode', before: '0600', after: '0644' }
  const resultWith = (status: TaskStatus): LoopResult => ({
    ...{ status, changed: status === 'changed', changes: [change], effects: [], msg: 'said', values: {} },
  })

  beforeEach(() => {
    host = hostOn(machineOn(new FakeTarget()), play)
  })

  const zero = {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unknown: 0,
  }
  const counts: [status: TaskStatus, ignored: boolean, counted: Partial<typeof zero>][] = [
    ['ok', false, { ok: 1 }],
    ['changed', false, { ok: 1, changed: 1 }],
    ['failed', false, { failed: 1 }],
    ['failed', true, { ok: 1, ignored: 1 }],
    ['skipped', false, { skipped: 1 }],
    ['unknown', false, { unknown: 1 }],
    ['unreachable', false, { unreachable: 1 }],
    ['unreachable', true, { ok: 1, ignored: 1 }],
  ]
  for (const [status, ignored, counted] of counts)
    it(`counts a task that is ${status}${ignored ? ' and ignored' : ''} as ${Object.keys(counted).join(' and ')}`, () => {
      for (const times of [1, 2]) {
        countResult(host, resultWith(status), ignored)
        const expected = Object.entries(counted).map(([name, count]) => [name, count * times])
        expect(host.counts).to.deep.equal({ ...zero, ...Object.fromEntries(expected) })
      }
    })

  const context = () => ({ play, handler: false, started: now(), hidden: false, ignored: false })

  it('starts with the play, the task and its position', () => {
    expect(taskStart(play, named, [host], true)).to.deep.equal({
      ...{ event: 'task-start', play: 'play', task: 'look', module: 'look', handler: true },
      ...{ file: at.file, line: at.line },
    })
  })

  it('has the status, the changes and the message, and only those other fields that apply', () => {
    const { seconds, ...rest } = taskEvent(named, host, resultWith('changed'), {
      ...context(),
      started: now() - 2000,
    })
    expect(seconds).to.be.within(2, 3)
    expect(rest).to.deep.equal({
      ...{ event: 'task', play: 'play', task: 'look', module: 'look', host: 'web1', status: 'changed' },
      ...{ changed: true, changes: [change], msg: 'said', file: at.file, line: at.line },
    })
  })

  it('has the output, the effects, the items, and whether a handler ran or a failure was ignored', () => {
    const output = { command: 'false', code: 1, stdout: '', stderr: '' }
    const item = { label: 'one', layer: undefined, result: { ...resultWith('failed'), output } }
    const result = { ...resultWith('failed'), effects: ['restarts'], output, items: [item] }
    const event = taskEvent(named, host, result, { ...context(), handler: true, ignored: true })
    expect(event).to.deep.include({ handler: true, ignored: true, output, effects: ['restarts'] })
    expect(event.items).to.deep.equal([
      { item: 'one', status: 'failed', changes: [change], msg: 'said', output },
    ])
    const quiet = { ...result, items: [{ label: 'one', layer: undefined, result: resultWith('ok') }] }
    expect(taskEvent(named, host, quiet, context()).items).to.deep.equal([
      { item: 'one', status: 'ok', changes: [change], msg: 'said' },
    ])
  })

  it('hides everything but the status with no_log', () => {
    const output = { command: 'false', code: 1, stdout: 'secret', stderr: '' }
    const result = { ...resultWith('failed'), effects: ['restarts'], output, items: [] }
    const event = taskEvent(named, host, result, { ...context(), hidden: true })
    expect(event).to.include({ status: 'failed', changed: false, msg: 'hidden by no_log' })
    expect(event.changes).to.deep.equal([])
    expect(event).not.to.have.any.keys('output', 'effects', 'items')
  })
})

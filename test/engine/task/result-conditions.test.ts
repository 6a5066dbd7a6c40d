import { expect } from 'chai'

import { exhausted, judge } from '../../../src/engine/task/result-conditions.ts'
import type { Result } from '../../../src/engine/task/result.ts'
import { Scope } from '../../../src/variables/scope.ts'
import { playWith } from '../fake-host.ts'

describe('the conditions of a result', () => {
  const ok: Result = {
    ...{ status: 'ok', changed: false, changes: [], effects: [], msg: 'said' },
    values: { rc: 0 },
  }
  const changed: Result = { ...ok, status: 'changed', changed: true, effects: ['rings'] }
  const failed: Result = { ...changed, status: 'failed', msg: 'exit code 1', values: { rc: 1 } }

  const judged = (keywords: string, result: Result): Result => {
    const { tasks } = playWith(`\n- {look: {name: a}, register: seen, ${keywords}}`)
    return judge(tasks[0]!, new Scope([]), result)
  }

  it('leaves a result without conditions as it is', () => {
    for (const result of [ok, changed, failed]) expect(judged('when: true', result)).to.equal(result)
  })

  it('does not apply to a skipped or unknown result', () => {
    for (const status of ['skipped', 'unknown'] as const) {
      const result: Result = { ...ok, status }
      expect(judged('changed_when: true, failed_when: true', result)).to.equal(result)
    }
  })

  it('decides on the change by changed_when', () => {
    expect(judged('changed_when: seen.rc === 0', ok)).to.deep.equal({
      ...ok,
      status: 'changed',
      changed: true,
    })
    expect(judged('changed_when: seen.rc !== 0', changed)).to.deep.equal({
      ...{ ...changed, status: 'ok', changed: false },
    })
    expect(judged('changed_when: false', failed)).to.deep.equal({ ...failed, changed: false })
  })

  it('keeps the change of the task without changed_when', () => {
    for (const result of [ok, changed]) expect(judged('failed_when: false', result)).to.deep.equal(result)
  })

  it('fails a task by failed_when, and shows the conditions', () => {
    expect(judged('failed_when: [seen.rc === 0, true]', changed)).to.deep.equal({
      ...{ ...changed, status: 'failed', msg: 'failed_when: seen.rc === 0 and true' },
    })
    expect(judged('failed_when: seen.rc === 1', failed)).to.deep.equal(failed)
    expect(judged('failed_when: seen.rc === 1', ok)).to.deep.equal(ok)
  })

  it('hides the message of a failure that is none by failed_when', () => {
    expect(judged('failed_when: seen.rc === 2', failed)).to.deep.equal({
      ...{ ...failed, status: 'changed', msg: '' },
    })
  })

  it('adds the condition that is still false to the message of a failure', () => {
    const { tasks } = playWith('\n- {look: {name: a}, until: "false"}')
    const until = tasks[0]!.until!
    expect(exhausted(until, failed, 4)).to.deep.equal({
      ...failed,
      msg: 'exit code 1 (condition still false after 4 attempts: false)',
    })
    expect(exhausted(until, ok, 4)).to.deep.equal({
      ...{ ...ok, status: 'failed', msg: 'condition still false after 4 attempts: false' },
    })
  })
})

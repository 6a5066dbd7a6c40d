import { expect } from 'chai'

import type { Invocation } from '../../../src/engine/converge/invocation.ts'
import { decide, type Verdict } from '../../../src/engine/converge/possible-states.ts'
import { HostState } from '../../../src/engine/machine/host-state.ts'
import { TaskFailure } from '../../../src/errors.ts'
import type { AnyModule } from '../../../src/modules/definition/module.ts'
import { UnknownValue } from '../../../src/variables/not-known.ts'
import { setting, thing } from '../fake-machine.ts'

describe('the decision what a task has to do', () => {
  const until = "'paint the door' has run"
  const shut = (module: Partial<AnyModule> = {}): Invocation =>
    setting({ name: 'door', value: 'shut' }, { module })

  /** What is known where the door was read as open, and a task before would have made it one of these. */
  function predicted(...values: string[]): HostState {
    const state = read('open')
    state.predict([{ ...thing.write({ name: 'door' }), values, until }])
    return state
  }

  function read(value: string): HostState {
    const state = new HostState()
    state.know(undefined, thing.key({ name: 'door' }), value)
    return state
  }

  function decided(verdict: Verdict): Extract<Verdict, { type: 'decided' }> {
    if (verdict.type !== 'decided') throw new Error(`undecided until ${verdict.until}`)
    return verdict
  }

  it('is certain where the state was read', () => {
    expect(decided(decide(read('shut'), shut())).changes).to.deep.equal([])
    expect(decided(decide(read('open'), shut())).changes).to.deep.equal([
      { field: 'value', before: 'open', after: 'shut' },
    ])
  })

  it('is a change where every possible state asks for one', () => {
    expect(decided(decide(predicted('open', 'ajar'), shut())).changes).to.have.length(1)
  })

  it('is nothing to do where no possible state asks for a change', () => {
    expect(decided(decide(predicted('shut', 'shut'), shut())).changes).to.deep.equal([])
  })

  it('stays open where one possible state asks for a change and another does not', () => {
    const verdict = decide(predicted('open', 'shut'), shut())
    expect(verdict).to.deep.equal({
      type: 'undecided',
      until,
      // in either state the door is shut afterwards
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until, values: ['shut', 'shut'] }],
    })
  })

  it('leaves out a possible state in which the task cannot be done', () => {
    const cannotShutAjar: Partial<AnyModule> = {
      diff: ({ current }: { current?: string }) => {
        if (current === 'ajar') throw new TaskFailure('something is in the way')
        return current === 'shut' ? [] : [{ field: 'value', before: current, after: 'shut' }]
      },
    }
    expect(decided(decide(predicted('ajar', 'shut'), shut(cannotShutAjar))).changes).to.deep.equal([])
    expect(() => decide(read('ajar'), shut(cannotShutAjar))).to.throw(TaskFailure, 'in the way')
  })

  it('stays open where the task cannot be done in any possible state, and writes whatever it looks at', () => {
    const impossible: Partial<AnyModule> = {
      diff: () => {
        throw new TaskFailure('something is in the way')
      },
    }
    expect(decide(predicted('ajar', 'shut'), shut(impossible))).to.deep.equal({
      type: 'undecided',
      until,
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until }],
    })
  })

  it('is open where nothing is known of the state, and what it writes is guessed from the last read', () => {
    const state = read('open')
    state.predict([{ type: 'scope', scope: 'anything', until }])
    expect(decide(state, shut())).to.deep.equal({
      type: 'undecided',
      until,
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until }],
    })
  })

  it('has the result that all possible states agree on, else one that is not known', () => {
    const anyValue: Partial<AnyModule> = { diff: () => [] }
    expect(decided(decide(predicted('ajar', 'ajar'), shut(anyValue))).result()).to.deep.include({
      value: 'ajar',
    })
    const { value } = decided(decide(predicted('ajar', 'open'), shut(anyValue))).result()
    expect(value).to.be.instanceOf(UnknownValue)
  })
})

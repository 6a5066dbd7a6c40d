import { expect } from 'chai'

import type { Invocation } from '../../../src/engine/converge/invocation.ts'
import { decide, type Verdict } from '../../../src/engine/converge/possible-states.ts'
import { HostState } from '../../../src/engine/machine/host-state.ts'
import { TaskFailure } from '../../../src/errors.ts'
import type { AnyModule } from '../../../src/modules/definition/module.ts'
import { UnknownValue } from '../../../src/variables/not-known.ts'
import { setting, thing } from '../fake-machine.ts'

describe('decide', () => {
  const until = "'paint the door' has run"
  const shut = (module: Partial<AnyModule> = {}): Invocation =>
    setting({ name: 'door', value: 'shut' }, { module })

  /** The state of a door that was read as open, and that an earlier task would have given one of these values. */
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

  it('decides for the state that was read', () => {
    expect(decided(decide(read('shut'), shut())).changes).to.deep.equal([])
    expect(decided(decide(read('open'), shut())).changes).to.deep.equal([
      { field: 'value', before: 'open', after: 'shut' },
    ])
  })

  it('decides on a change if every possible state needs one', () => {
    expect(decided(decide(predicted('open', 'ajar'), shut())).changes).to.have.length(1)
  })

  it('decides on no change if no possible state needs one', () => {
    expect(decided(decide(predicted('shut', 'shut'), shut())).changes).to.deep.equal([])
  })

  it('is undecided if only some of the possible states need a change', () => {
    const verdict = decide(predicted('open', 'shut'), shut())
    expect(verdict).to.deep.equal({
      type: 'undecided',
      until,
      // The door is shut afterwards in both states.
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until, values: ['shut', 'shut'] }],
    })
  })

  it('ignores a possible state in which the task is impossible', () => {
    const cannotShutAjar: Partial<AnyModule> = {
      diff: ({ current }: { current?: string }) => {
        if (current === 'ajar') throw new TaskFailure('something is in the way')
        return current === 'shut' ? [] : [{ field: 'value', before: current, after: 'shut' }]
      },
    }
    expect(decided(decide(predicted('ajar', 'shut'), shut(cannotShutAjar))).changes).to.deep.equal([])
    expect(() => decide(read('ajar'), shut(cannotShutAjar))).to.throw(TaskFailure, 'in the way')
  })

  it('assumes writes to all read keys if the task is impossible in every possible state', () => {
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

  it('guesses the writes from the last read if the state is unknown', () => {
    const state = read('open')
    state.predict([{ type: 'scope', scope: 'anything', until }])
    expect(decide(state, shut())).to.deep.equal({
      type: 'undecided',
      until,
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until }],
    })
  })

  it('returns the result if all possible states agree on it, and otherwise an unknown one', () => {
    const anyValue: Partial<AnyModule> = { diff: () => [] }
    expect(decided(decide(predicted('ajar', 'ajar'), shut(anyValue))).result()).to.deep.include({
      value: 'ajar',
    })
    const { value } = decided(decide(predicted('ajar', 'open'), shut(anyValue))).result()
    expect(value).to.be.instanceOf(UnknownValue)
  })
})

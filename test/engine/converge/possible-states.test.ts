import { expect } from 'chai'

import type { Invocation } from '../../../src/engine/converge/invocation.ts'
import { decide, type Verdict } from '../../../src/engine/converge/possible-states.ts'
import { HostState } from '../../../src/engine/machine/host-state.ts'
import { TaskFailure } from '../../../src/errors.ts'
import type { AnyModule } from '../../../src/modules/definition/module.ts'
import { UnknownValue } from '../../../src/variables/not-known.ts'
import { setting, thing } from '../fake-machine.ts'
import { scriptOf } from '../fake-target.ts'

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

  it('keeps the scopes that the task writes in some of the possible states, with the reason', () => {
    const restarting: Partial<AnyModule> = {
      apply: () => [
        { script: scriptOf('restart'), writes: [{ type: 'scope', scope: 'services', until: 'x' }] },
        { script: scriptOf('install'), writes: [{ type: 'scope', scope: 'packages', until: 'x' }] },
        { script: scriptOf('restart'), writes: [{ type: 'scope', scope: 'services', until: 'x' }] },
      ],
    }
    expect(decide(predicted('open', 'shut'), shut(restarting))).to.deep.equal({
      ...{ type: 'undecided', until },
      writes: [
        { type: 'scope', scope: 'services', until },
        { type: 'scope', scope: 'packages', until },
      ],
    })
  })

  it('does not know the value of a thing that is written only in some of the possible states', () => {
    const alsoWindow: Partial<AnyModule> = {
      apply: () => [
        {
          script: scriptOf('shut all'),
          writes: [thing.write({ name: 'window' }, 'shut'), thing.write({ name: 'door' }, 'shut')],
        },
        { script: scriptOf('lock'), writes: [thing.write({ name: 'door' }, 'locked')] },
      ],
    }
    expect(decide(predicted('open', 'shut'), shut(alsoWindow))).to.deep.equal({
      ...{ type: 'undecided', until },
      writes: [
        { type: 'thing', kind: 'thing', subject: 'window', until },
        { type: 'thing', kind: 'thing', subject: 'door', until, values: ['locked', 'shut'] },
      ],
    })
  })

  it('takes the value of an unwritten thing from a list of keys', () => {
    const names = ['door', 'window']
    const listing: Partial<AnyModule> = {
      reads: () => ({ nothing: undefined, all: names.map((name) => thing.key({ name })) }),
      diff: ({ all }: { all?: readonly string[] }) =>
        all?.[0] === 'open' ? [{ field: 'value', before: all, after: 'shut' }] : [],
      apply: () => [
        {
          script: scriptOf('shut all'),
          writes: names.map((name) => thing.write({ name }, 'shut')),
        },
      ],
    }
    const state = predicted('open', 'ajar')
    state.know(undefined, thing.key({ name: 'window' }), 'open')
    expect(decide(state, shut(listing))).to.deep.equal({
      ...{ type: 'undecided', until },
      writes: [
        { type: 'thing', kind: 'thing', subject: 'door', until, values: ['shut', 'ajar'] },
        { type: 'thing', kind: 'thing', subject: 'window', until, values: ['shut', 'open'] },
      ],
    })
  })

  it('guesses writes to all read keys, except directories, if the last reading does not tell', () => {
    const noChange: Partial<AnyModule> = { diff: () => [] }
    const impossible: Partial<AnyModule> = {
      diff: () => {
        throw new TaskFailure('something is in the way')
      },
    }
    for (const module of [noChange, impossible])
      for (const [value, writes] of [
        ['open', [{ type: 'thing', kind: 'thing', subject: 'door', until }]],
        [{ type: 'file' }, [{ type: 'thing', kind: 'thing', subject: 'door', until }]],
        [null, [{ type: 'thing', kind: 'thing', subject: 'door', until }]],
        [{ type: 'directory' }, []],
      ] as const) {
        const state = new HostState()
        state.know(undefined, thing.key({ name: 'door' }), value)
        state.predict([{ type: 'scope', scope: 'anything', until }])
        expect(decide(state, shut(module))).to.deep.equal({ type: 'undecided', until, writes })
      }
  })

  it('guesses writes to all read keys if one of them was never read', () => {
    const state = new HostState()
    state.predict([{ ...thing.write({ name: 'door' }), until }])
    expect(decide(state, shut())).to.deep.equal({
      ...{ type: 'undecided', until },
      writes: [{ type: 'thing', kind: 'thing', subject: 'door', until }],
    })
  })

  it('guesses by the last reading of a list of keys', () => {
    const state = read('open')
    state.know(undefined, thing.key({ name: 'window' }), 'ajar')
    state.predict([{ type: 'scope', scope: 'anything', until }])
    const seen: unknown[] = []
    const listing: Partial<AnyModule> = {
      reads: () => ({
        one: thing.key({ name: 'window' }),
        all: ['door', 'window'].map((name) => thing.key({ name })),
        none: undefined,
      }),
      diff: (given) => {
        seen.push(given)
        return [{ field: 'value', before: '', after: 'shut' }]
      },
    }
    expect(decide(state, shut(listing)).type).to.equal('undecided')
    expect(seen).to.deep.equal([{ one: 'ajar', all: ['open', 'ajar'], none: undefined }])
  })

  it('guesses the scopes that the task writes in the last reading, with the reason', () => {
    const restarting: Partial<AnyModule> = {
      apply: () => [
        { script: scriptOf('restart'), writes: [{ type: 'scope', scope: 'services', until: 'x' }] },
      ],
    }
    const state = read('open')
    state.predict([{ type: 'scope', scope: 'anything', until }])
    expect(decide(state, shut(restarting))).to.deep.equal({
      ...{ type: 'undecided', until },
      writes: [{ type: 'scope', scope: 'services', until }],
    })
  })

  it('throws an error that is no failure of the task, in a possible state too', () => {
    const broken: Partial<AnyModule> = {
      diff: () => {
        throw new TypeError('a mistake of the module')
      },
    }
    expect(() => decide(predicted('ajar', 'shut'), shut(broken))).to.throw(TypeError)
  })

  it('combines the possible values of several keys, and gives up beyond 500 combinations', () => {
    const seen: unknown[] = []
    const three: Partial<AnyModule> = {
      reads: () => ({
        one: thing.key({ name: 'door' }),
        others: ['window', 'gate'].map((name) => thing.key({ name })),
      }),
      diff: (state) => {
        seen.push(state)
        return []
      },
    }
    const withValues = (count: number): HostState => {
      const values = Array.from({ length: count }, (_, index) => `value ${index}`)
      const state = predicted('open', 'ajar')
      state.predict([{ ...thing.write({ name: 'window' }), values, until: 'another task has run' }])
      state.know(undefined, thing.key({ name: 'gate' }), 'shut')
      return state
    }
    decide(withValues(2), shut(three))
    expect(seen).to.deep.equal([
      { one: 'open', others: ['value 0', 'shut'] },
      { one: 'open', others: ['value 1', 'shut'] },
      { one: 'ajar', others: ['value 0', 'shut'] },
      { one: 'ajar', others: ['value 1', 'shut'] },
    ])
    expect(decide(withValues(250), shut(three)).type).to.equal('decided')
    expect(decide(withValues(251), shut(three))).to.include({ type: 'undecided', until })
  })
})

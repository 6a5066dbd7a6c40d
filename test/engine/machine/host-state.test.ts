import { expect } from 'chai'

import { HostState } from '../../../src/engine/machine/host-state.ts'
import { defineKind } from '../../../src/state/definition/kind.ts'
import type { ScopeWrite } from '../../../src/state/definition/write.ts'
import { sh } from '../../../src/target/sh.ts'

declare module '../../../src/state/definition/write.ts' {
  interface KindValues {
    lamp: string
    fuse: string
    door: string
    gate: string
  }
}

interface Question {
  readonly name: string
  readonly detail?: string
}

const lamp = defineKind<'lamp', Question>({
  name: 'lamp',
  subject: ({ name }) => name,
  read: () => sh`true`,
  parse: () => [],
  dependsOn: { scopes: ['anything'] },
})
const fuse = defineKind<'fuse', Question>({
  name: 'fuse',
  subject: ({ name }) => name,
  read: () => sh`true`,
  parse: () => [],
})

const anything: ScopeWrite = { type: 'scope', scope: 'anything', until: 'the cat has run' }
const packages: ScopeWrite = { type: 'scope', scope: 'packages', until: 'nginx is installed' }
const services: ScopeWrite = { type: 'scope', scope: 'services', until: 'nginx is started' }

describe('HostState', () => {
  it('stores answers per user and key', () => {
    const state = new HostState()
    const key = lamp.key({ name: 'hall' })
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unread' })
    state.know(undefined, key, 'on')
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'on' })
    expect(state.lookUp('root', key)).to.deep.equal({ type: 'unread' })
  })

  it('drops all answers about a written subject, for every user and question', () => {
    const state = new HostState()
    const keys = [lamp.key({ name: 'hall' }), lamp.key({ name: 'hall', detail: 'colour' })]
    for (const key of keys) state.know('root', key, 'on')
    state.know('root', lamp.key({ name: 'attic' }), 'off')
    expect(state.forget([lamp.write({ name: 'hall' }, 'off')])).to.equal(2)
    for (const key of keys) expect(state.lookUp('root', key).type).to.equal('unread')
    expect(state.lookUp('root', lamp.key({ name: 'attic' })).type).to.equal('value')
  })

  it('drops the answers that a kind calls touched, and all answers of a kind without that rule', () => {
    const state = new HostState()
    state.know(undefined, lamp.key({ name: 'hall' }), 'on')
    state.know(undefined, fuse.key({ name: 'f1' }), 'whole')
    expect(state.forget([lamp.write({ name: 'attic' }, 'off')])).to.equal(1)
    expect(state.lookUp(undefined, lamp.key({ name: 'hall' })).type).to.equal('value')
    expect(state.forget([anything])).to.equal(1)
  })

  it('drops after packages and services what a command may change, but predicts by the rules of the kind', () => {
    const state = new HostState()
    const hall = lamp.key({ name: 'hall' })
    for (const write of [packages, services]) {
      state.know(undefined, hall, 'on')
      expect(state.forget([write])).to.equal(1)
    }
    state.know(undefined, hall, 'on')
    state.predict([packages, services])
    expect(state.lookUp(undefined, hall)).to.deep.equal({ type: 'value', value: 'on' })
  })

  it('calls an answer short-lived if writes to other things made it stale twice', () => {
    const state = new HostState()
    const [hall, attic] = [lamp.key({ name: 'hall' }), lamp.key({ name: 'attic' })]
    for (const isShortLived of [false, true]) {
      state.know(undefined, hall, 'on')
      state.forget([anything])
      state.know(undefined, attic, 'on')
      state.forget([lamp.write({ name: 'attic' }, 'off'), anything])
      expect(state.isShortLived(hall)).to.equal(isShortLived)
    }
    expect(state.isShortLived(attic)).to.equal(false)
    state.forgetEverything()
    expect(state.isShortLived(hall)).to.equal(false)
  })

  it('drops only the answers of one user for the given keys', () => {
    const state = new HostState()
    const [hall, attic] = [lamp.key({ name: 'hall' }), lamp.key({ name: 'attic' })]
    for (const key of [hall, attic]) state.know('root', key, 'on')
    state.know(undefined, hall, 'on')
    state.forgetAnswers({ user: 'root', keys: [hall] })
    expect(state.lookUp('root', hall).type).to.equal('unread')
    expect(state.lookUp('root', attic).type).to.equal('value')
    expect(state.lookUp(undefined, hall).type).to.equal('value')
  })

  it('counts the memory of each answer until it is dropped or replaced', () => {
    const state = new HostState()
    const [hall, attic, cellar] = ['hall', 'attic', 'cellar'].map((name) => lamp.key({ name }))
    if (hall === undefined || attic === undefined || cellar === undefined) throw new Error('three keys')
    const sizes = [state.size]
    const steps = [
      () => {
        state.know(undefined, hall, 'on', 100)
      },
      () => {
        state.know('root', hall, 'on', 40)
      },
      () => {
        state.know(undefined, attic, 'on', 8)
      },
      () => {
        state.know(undefined, attic, 'off', 5)
      },
      () => {
        state.know(undefined, cellar, 'off')
      },
      () => {
        state.forgetAnswers({ user: 'root', keys: [hall] })
      },
      () => {
        state.forget([lamp.write({ name: 'hall' }, 'off')])
      },
      () => {
        state.forgetEverything()
      },
    ]
    for (const step of steps) {
      step()
      sizes.push(state.size)
    }
    expect(sizes).to.deep.equal([0, 100, 140, 148, 145, 145, 105, 5, 0])
  })

  it('returns the value of a prediction, with or without an answer of the host', () => {
    const state = new HostState()
    state.predict([lamp.write({ name: 'hall' }, 'on')])
    expect(state.lookUp(undefined, lamp.key({ name: 'hall', detail: 'colour' }))).to.deep.equal({
      type: 'value',
      value: 'on',
    })
  })

  it('returns unknown after a predicted write without a value, with the reason', () => {
    const state = new HostState()
    const key = lamp.key({ name: 'hall' })
    state.know(undefined, key, 'on')
    state.predict([anything])
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unknown', until: 'the cat has run' })
  })

  it('lets the later of two predictions decide', () => {
    const state = new HostState()
    const key = lamp.key({ name: 'hall' })
    state.know(undefined, key, 'off')
    state.predict([anything, lamp.write({ name: 'hall' }, 'on')])
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'on' })
    state.predict([anything])
    expect(state.lookUp(undefined, key).type).to.equal('unknown')
  })

  it('keeps an unread key unread after a prediction about another thing', () => {
    const state = new HostState()
    state.predict([packages])
    const key = lamp.key({ name: 'hall' })
    expect(state.lookUp(undefined, key).type).to.equal('unread')
    state.know(undefined, key, 'on')
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'on' })
  })

  describe('of a kind with possibleAfter', () => {
    const door = defineKind<'door', Question>({
      name: 'door',
      subject: ({ name }) => name,
      read: () => sh`true`,
      parse: () => [],
      possibleAfter: (_question, write, answer) => {
        if (write.type === 'thing' || write.scope === 'anything') return undefined
        return answer === 'locked' ? [answer] : [answer, 'ajar']
      },
    })
    const key = door.key({ name: 'front' })

    it('returns the value, the possible values or unknown after a write to another thing', () => {
      const state = new HostState()
      state.know(undefined, key, 'locked')
      state.predict([packages])
      expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'locked' })
      state.know(undefined, key, 'open')
      expect(state.lookUp(undefined, key)).to.deep.equal({
        type: 'open',
        values: ['open', 'ajar'],
        until: 'nginx is installed',
      })
      state.predict([anything])
      expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unknown', until: 'the cat has run' })
    })

    it('derives possible values from the prediction, not from the answer of the host', () => {
      const state = new HostState()
      state.know(undefined, key, 'open')
      state.predict([door.write({ name: 'front' }, 'locked')])
      state.predict([packages])
      expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'locked' })
    })

    it('considers each value that a task may write', () => {
      const state = new HostState()
      state.know(undefined, key, 'open')
      state.predict([
        { type: 'thing', kind: 'door', subject: 'front', values: ['locked', 'open'], until: 'x' },
      ])
      state.predict([packages])
      expect(state.lookUp(undefined, key)).to.deep.equal({
        type: 'open',
        values: ['locked', 'open', 'ajar'],
        until: 'x',
      })
    })

    describe('that changes with each write to another thing', () => {
      /** The possible answers after a write, by the answer before it; others become unknown. */
      let after: Readonly<Record<string, readonly string[]>>
      const gate = defineKind<'gate', Question>({
        name: 'gate',
        subject: ({ name }) => name,
        read: () => sh`true`,
        parse: () => [],
        possibleAfter: (_question, write, answer) =>
          write.type === 'thing' && write.value === 'off' ? [answer] : after[answer],
      })
      const key = gate.key({ name: 'north' })
      const until = 'the gate is oiled'
      const packagesAfter = (...values: string[]) => {
        const state = new HostState()
        state.predict([{ type: 'thing', kind: 'gate', subject: 'north', values, until }])
        state.predict([packages])
        return state.lookUp(undefined, key)
      }

      it('returns the same possible values if they stay possible, in any order', () => {
        after = { open: ['shut'], shut: ['open'] }
        expect(packagesAfter('open', 'shut')).to.deep.equal({ type: 'open', values: ['open', 'shut'], until })
      })

      it('replaces possible values, even if one of them stays possible', () => {
        after = { open: ['open'], shut: ['ajar'] }
        expect(packagesAfter('open', 'shut')).to.deep.equal({ type: 'open', values: ['open', 'ajar'], until })
      })

      it('keeps those possible values that are left', () => {
        after = { open: ['open'], ajar: ['ajar'], shut: ['open'] }
        expect(packagesAfter('open', 'ajar', 'shut')).to.deep.equal({
          ...{ type: 'open', until },
          values: ['open', 'ajar'],
        })
      })

      it('returns the value if all possible values become the same', () => {
        after = { open: ['shut'], shut: ['shut'] }
        expect(packagesAfter('open', 'shut')).to.deep.equal({ type: 'value', value: 'shut' })
      })

      it('returns another value if the known one is no longer possible', () => {
        after = { open: ['shut'] }
        const state = new HostState()
        state.know(undefined, key, 'open')
        state.predict([packages])
        expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'shut' })
      })

      it('returns unknown if the consequence for one of the possible values is unknown', () => {
        after = { open: ['open'] }
        expect(packagesAfter('open', 'shut')).to.deep.equal({ type: 'unknown', until: 'nginx is installed' })
      })

      it('considers each value that another thing may have', () => {
        after = { open: ['shut'] }
        const state = new HostState()
        state.know(undefined, key, 'open')
        const write = { type: 'thing', kind: 'lamp', subject: 'hall' } as const
        state.predict([{ ...write, values: ['off'] }])
        expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'open' })
        state.predict([{ ...write, values: ['off', 'on'] }])
        expect(state.lookUp(undefined, key)).to.deep.equal({
          ...{ type: 'open', values: ['open', 'shut'] },
          until: 'lamp hall is written',
        })
      })

      it('considers all writes of a task, in order', () => {
        after = { open: ['ajar'], ajar: ['shut'] }
        const state = new HostState()
        state.know(undefined, key, 'open')
        state.predict([packages, services])
        expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'shut' })
      })
    })
  })

  it('names the written thing as the reason if the prediction gives none', () => {
    const state = new HostState()
    state.predict([lamp.write({ name: 'hall' })])
    expect(state.lookUp(undefined, lamp.key({ name: 'hall' }))).to.deep.equal({
      ...{ type: 'unknown', until: 'lamp hall is written' },
    })
  })

  it('does not take the prediction about another subject or kind for one about the key', () => {
    const state = new HostState()
    const hall = lamp.key({ name: 'hall' })
    state.know(undefined, hall, 'on')
    state.predict([lamp.write({ name: 'attic' }, 'off'), fuse.write({ name: 'hall' }, 'blown')])
    expect(state.lookUp(undefined, hall)).to.deep.equal({ type: 'value', value: 'on' })
  })

  it('returns the last answer of the host despite predictions', () => {
    const state = new HostState()
    const hall = lamp.key({ name: 'hall' })
    expect([state.lastSeen(undefined, hall), state.predicting]).to.deep.equal([undefined, false])
    state.know(undefined, hall, 'on')
    state.predict([lamp.write({ name: 'hall' }, 'off')])
    expect([state.lastSeen(undefined, hall), state.predicting]).to.deep.equal(['on', true])
    expect(state.lastSeen('root', hall)).to.equal(undefined)
  })

  it('sends no request that others can see after a prediction, and names the first as the reason', () => {
    const request = defineKind<'gate', Question>({
      name: 'gate',
      subject: ({ name }) => name,
      read: () => sh`true`,
      parse: () => [],
      isSeenByOthers: () => true,
      dependsOn: { scopes: [] },
    })
    const state = new HostState()
    const key = request.key({ name: 'north' })
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unread' })
    state.predict([])
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unread' })
    state.predict([packages])
    state.predict([services])
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'unknown', until: 'nginx is installed' })
    state.know(undefined, key, 'open')
    expect(state.lookUp(undefined, key)).to.deep.equal({ type: 'value', value: 'open' })
  })
})

import { expect } from 'chai'

import { HostRun } from '../../../src/engine/host/host-run.ts'
import { HostVariables } from '../../../src/engine/host/host-variables.ts'
import { HostsOfRun } from '../../../src/engine/host/hosts-of-run.ts'
import { HostMemory, MemoryBudget } from '../../../src/engine/machine/memory-budget.ts'
import { machineOn } from '../fake-machine.ts'
import { playWith } from '../fake-host.ts'
import { FakeTarget } from '../fake-target.ts'

describe('HostVariables', () => {
  const layer = (values: Record<string, unknown>) => ({
    origin: 'test',
    values: new Map(Object.entries(values)),
    literal: true as const,
  })

  /** Two hosts. The variables of the first host refer to those of the second. */
  function twoHosts(): [HostVariables, HostVariables] {
    const hosts = new HostsOfRun()
    const runs = ['a', 'b'].map((name) => {
      const memory = new HostMemory(name, new MemoryBudget(2))
      const variables = new HostVariables(
        {
          inventory: {},
          extra: [],
          magic: ({ scopeOf }) => layer(name === 'a' ? { seen: scopeOf('b')?.get('number') } : {}),
          options: {},
        },
        hosts,
        memory,
      )
      return new HostRun(name, { variables, machine: machineOn(new FakeTarget()), memory }, hosts)
    })
    hosts.enroll(runs)
    const [a, b] = runs.map(({ variables }) => variables)
    if (a === undefined || b === undefined) throw new Error('there are two hosts')
    b.register('number', 0)
    const { play } = playWith('    - {debug: {msg: x}}\n')
    for (const variables of [a, b]) variables.beginPlay(play)
    a.scope()
    return [a, b]
  }

  const changes: Readonly<Record<string, (variables: HostVariables) => void>> = {
    'a registered result': (variables) => {
      variables.register('number', 1)
    },
    'a shared result': (variables) => {
      variables.registerFree('number', 1)
    },
    'set facts': (variables) => {
      variables.setFacts({ number: 1 })
    },
    'gathered facts': (variables) => {
      variables.learnFacts(layer({ ansible_system: 'Linux' }))
    },
    'dropped facts': (variables) => {
      variables.forgetFacts()
    },
    'another play': (variables) => {
      variables.beginPlay(playWith('    - {debug: {msg: y}}\n').play)
    },
    'the start of an include': (variables) => {
      variables.enter(layer({ item: 1 }))
    },
    'a failed task': (variables) => {
      variables.noteFailure({ name: 'task' }, { failed: true })
    },
    'a change of the hosts of the play': (variables) => {
      variables.forgetRendered()
    },
  }

  for (const [what, change] of Object.entries(changes)) {
    it(`changes the version after ${what}`, () => {
      for (const variables of twoHosts()) {
        const before = variables.version
        change(variables)
        expect(variables.version).to.be.greaterThan(before)
      }
    })

    it(`changes the version after ${what} on a host that its variables refer to`, () => {
      const [a, b] = twoHosts()
      const before = a.version
      change(b)
      expect(a.version).to.be.greaterThan(before)
    })
  }

  it('keeps the version after a change on a host that its variables do not refer to', () => {
    const [a, b] = twoHosts()
    const before = b.version
    a.register('number', 1)
    expect(b.version).to.equal(before)
  })

  it('changes the version and restores the variables after the end of an include', () => {
    for (const variables of twoHosts()) {
      const leave = variables.enter(layer({ item: 1 }))
      const { version } = variables
      expect(variables.scope().get('item')).to.equal(1)
      leave()
      expect(variables.version).to.be.greaterThan(version)
      expect(variables.scope().has('item')).to.equal(false)
    }
  })

  it('keeps the version at the start of the same play, and at an include without a loop', () => {
    const [a] = twoHosts()
    const { play } = playWith('    - {debug: {msg: y}}\n')
    a.beginPlay(play)
    const { version } = a
    a.beginPlay(play)
    a.enter(undefined)()
    expect(a.version).to.equal(version)
  })
})

import { expect } from 'chai'

import type { HostRun } from '../../../src/engine/host/host-run.ts'
import { factsRequest } from '../../../src/engine/host/host-run.ts'
import { namesSetBy, requestsAhead } from '../../../src/engine/task/look-ahead.ts'
import type { Task } from '../../../src/playbook/playbook.ts'
import { hostOn, playWith } from '../fake-host.ts'
import { machineOn, thing } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('requestsAhead', () => {
  /** A host before the first of these tasks, and its requests ahead. */
  function before(yaml: string): { host: HostRun; ahead: (current?: Task) => string[]; tasks: Task[] } {
    const { play, tasks } = playWith(yaml)
    const host = hostOn(machineOn(new FakeTarget()), play)
    const ahead = (current?: Task) => {
      const upcoming = current === undefined ? tasks : tasks.slice(tasks.indexOf(current) + 1)
      return requestsAhead(host, current, upcoming).flatMap(({ keys }) => keys.map((key) => key.subject))
    }
    return { host, ahead, tasks }
  }

  const looks = 'abcdef'
    .split('')
    .map((name) => `- look: {name: ${name}}`)
    .join('\n')

  it('returns the reads of as many tasks as the window allows', () => {
    const { host, ahead } = before(looks)
    for (const [window, asked] of [
      [0, ''],
      [1, 'a'],
      [3, 'abc'],
      [Infinity, 'abcdef'],
    ] as const) {
      host.machine.window = window
      expect(ahead().join('')).to.equal(asked)
    }
  })

  it('does not count tasks whose state is known in the window', async () => {
    const { host, ahead } = before(looks)
    await host.machine.read(
      { user: undefined, keys: [thing.key({ name: 'a' }), thing.key({ name: 'b' })] },
      [],
    )
    host.machine.window = 2
    expect(ahead().join('')).to.equal('abcd')
  })

  it('returns a read that most writes make stale only for the next three tasks that read', async () => {
    const { host, ahead, tasks } = before(`
- {look: {name: a}}
- {debug: {msg: b}}
- ${['c', 'd', 'e'].map((name) => `{look: {name: ${name}}}`).join('\n- ')}`)
    const e = { user: undefined, keys: [thing.key({ name: 'e' })] }
    const write = { type: 'scope', scope: 'services', until: 'nginx is started' } as const
    for (let times = 0; times < 2; times += 1) {
      expect(ahead().join('')).to.equal('acde')
      await host.machine.read(e, [])
      host.machine.invalidate([write])
      host.machine.window = Infinity
    }
    expect(ahead().join('')).to.equal('acd')
    expect(ahead(tasks[0]).join('')).to.equal('cde')
  })

  it('skips tasks that depend on the result of an earlier task', () => {
    const { host, ahead, tasks } = before(`
- {look: {name: a}, register: found}
- {look: {name: "<%= found.value %>"}}
- {look: {name: b}, when: found.changed}
- {look: {name: c}}`)
    // An earlier task registered this name; the tasks below need the value of a later one.
    host.variables.register('found', { value: 'old', changed: true })
    expect(ahead()).to.deep.equal(['a', 'c'])
    expect(ahead(tasks[0])).to.deep.equal(['c'])
  })

  it('omits tasks whose condition is false', () => {
    const { ahead } = before(`
- {look: {name: a}, when: inventory_hostname === 'web2'}
- {look: {name: b}, when: inventory_hostname === 'web1'}`)
    expect(ahead()).to.deep.equal(['b'])
  })

  it('returns only the facts if a task needs them', () => {
    const { play, tasks } = playWith(`
- {look: {name: a}}
- {look: {name: "<%= ansible_hostname %>"}}
- {look: {name: b}}`)
    const host = hostOn(machineOn(new FakeTarget()), play)
    expect(requestsAhead(host, undefined, tasks)).to.deep.equal([factsRequest])
  })

  it('knows the variables that a task sets', () => {
    const { tasks } = playWith(`
- {set_fact: {one: 1, two: 2}, register: three}
- {look: {name: a}, register: four}
- {debug: {msg: x}}`)
    expect(tasks.map(namesSetBy)).to.deep.equal([['three', 'one', 'two'], ['four'], []])
  })
})

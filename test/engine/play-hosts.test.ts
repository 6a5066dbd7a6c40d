import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../src/errors.ts'
import type { Target } from '../../src/target/target.ts'
import { fakeModules } from './fake-modules.ts'
import { FakeTarget } from './fake-target.ts'
import { Rehearsal, type Rehearsed } from './rehearsal.ts'

describe('the hosts of a play', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const said = (run: Rehearsed): string[] =>
    run.tasks.map(({ host, task, status }) => `${host} ${task}: ${status}`)

  it('shows the registered and set variables of other hosts, in the same play and in later ones', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {command: "echo from <%= inventory_hostname %>", register: word}
    - set_fact: {number: "<%= inventory_hostname === 'a' ? 1 : 2 %>"}
    - {name: same, debug: {msg: "<%= hostvars.a.word.stdout + String(hostvars.b.number) %>"}}
- hosts: all
  tasks:
    - {command: "echo again", register: word, when: inventory_hostname === 'a'}
    - {name: later, debug: {msg: "<%= hostvars.a.word.stdout %>"}, when: inventory_hostname === 'b'}
`,
      { hosts: ['a', 'b'] },
    )
    expect(run.exitCode).to.equal(ExitCode.done)
    const messages = run.tasks.filter(({ module }) => module === 'debug').map(({ msg }) => msg)
    expect(messages).to.deep.equal(['from a2', 'from a2', "not: inventory_hostname === 'b'", 'again'])
  })

  it('lists all hosts, those that have not failed, and those of the batch', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  serial: 2
  tasks:
    - {name: fails, fail: {}, when: inventory_hostname === 'b'}
    - {name: lists, debug: {msg: "<%= [ansible_play_hosts_all, ansible_play_hosts, ansible_play_batch].join(' ') %>"}}
`,
      { hosts: ['a', 'b', 'c'] },
    )
    const lists = run.tasks.filter(({ task }) => task === 'lists').map(({ msg }) => msg)
    expect(lists).to.deep.equal(['a,b,c a,c a', 'a,b,c a,c c'])
  })

  it('splits hosts into batches whose sizes come from variables', async () => {
    const play = `
- hosts: all
  serial: "<%= sizes %>"
  tasks:
    - {name: lists, debug: {msg: "<%= ansible_play_batch.join() %>"}}
`
    const run = await rehearsal.run(play, { hosts: ['a', 'b', 'c'], vars: { sizes: [1, '100%'] } })
    expect(run.tasks.map(({ msg }) => msg)).to.deep.equal(['a', 'b,c', 'b,c'])
    const wrong = rehearsal.run(play, { hosts: ['a'], vars: { sizes: 'some' } })
    expect(await wrong.catch(String)).to.include('play.yml:3:11: serial must be a number of hosts')
  })

  it('ends the run after all hosts of a batch failed', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  serial: [1, 2]
  tasks:
    - {name: fails, fail: {}, when: inventory_hostname === 'a'}
- hosts: all
  tasks:
    - {name: second, debug: {msg: x}}
`,
      { hosts: ['a', 'b', 'c'] },
    )
    expect(said(run)).to.deep.equal(['a fails: failed'])
  })

  it('does not end the run after end_host', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  serial: 1
  tasks:
    - {meta: end_host, when: inventory_hostname === 'a'}
    - {name: works, debug: {msg: x}}
- hosts: all
  tasks:
    - {name: before, debug: {msg: x}}
    - meta: end_play
    - {name: after, debug: {msg: x}}
- hosts: all
  tasks:
    - {name: third, debug: {msg: x}}
`,
      { hosts: ['a', 'b'] },
    )
    expect(said(run)).to.deep.equal([
      'b works: ok',
      'a before: ok',
      'b before: ok',
      'a third: ok',
      'b third: ok',
    ])
    expect(run.exitCode).to.equal(ExitCode.done)
  })

  it('ends the run with exit code 4 if one host failed and another is unreachable', async () => {
    const lost: Target = {
      name: 'b',
      run: () => Promise.reject(new ConnectionError('b', 'lost', 'b: the connection was lost')),
      close: () => Promise.resolve(),
    }
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {look: {name: x}}
    - {name: fails, fail: {msg: no}, when: inventory_hostname !== 'c'}
`,
      {
        hosts: ['a', 'b', 'c'],
        modules: fakeModules,
        target: (host) => (host === 'b' ? lost : new FakeTarget()),
      },
    )
    expect(said(run)).to.have.members([
      'a look: ok',
      'b look: unreachable',
      'c look: ok',
      'a fails: failed',
      'c fails: skipped',
    ])
    expect(run.exitCode).to.equal(ExitCode.unreachable)
  })

  it('reconnects and drops all answers after reset_connection', async () => {
    const targets = new Map<string, FakeTarget[]>([
      ['a', []],
      ['b', []],
    ])
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {look: {name: x}}
    - {meta: reset_connection, when: inventory_hostname === 'a'}
    - {look: {name: x}}
`,
      {
        hosts: ['a', 'b'],
        modules: fakeModules,
        target: (host) => {
          const target = new FakeTarget()
          targets.get(host)?.push(target)
          return target
        },
      },
    )
    expect(run.reached.map(({ host }) => host)).to.deep.equal(['a', 'b', 'a'])
    const ran = (host: string) => targets.get(host)?.map((target) => target.ran)
    expect(ran('a')).to.deep.equal([['get x'], ['get x']])
    expect(ran('b')).to.deep.equal([['get x']])
  })

  it('gathers the facts again after clear_facts', async () => {
    const play = (between: string) => `
- hosts: all
  tasks:
    - {name: first, debug: {msg: "<%= ansible_system %>"}}
${between}
    - {name: second, debug: {msg: "<%= ansible_system %>"}}
`
    const kept = await rehearsal.run(play(''))
    const cleared = await rehearsal.run(play('    - meta: clear_facts'))
    expect(kept.batches).to.have.length(1)
    expect(cleared.batches).to.have.length(2)
    expect(said(cleared)).to.deep.equal(['here first: ok', 'here second: ok'])
  })

  for (const [failing, title] of [
    [['a', 'b'], 'continues while at most max_fail_percentage of the hosts failed'],
    [['a', 'b', 'c'], 'stops after more than max_fail_percentage of the hosts failed'],
  ] as const) {
    it(title, async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  max_fail_percentage: 50
  tasks:
    - {name: first, fail: {msg: no}, when: failing.includes(inventory_hostname)}
    - {name: second, debug: {msg: x}}
- hosts: all
  tasks: [{name: third, debug: {msg: x}}]
`,
        {
          hosts: ['a', 'b', 'c', 'd'],
          vars: { failing },
          modules: fakeModules,
          target: () => new FakeTarget(),
        },
      )
      const later = said(run).filter((line) => !line.includes('first'))
      expect(later).to.deep.equal(
        failing.length === 2 ? ['c second: ok', 'd second: ok', 'c third: ok', 'd third: ok'] : [],
      )
      expect(run.exitCode).to.equal(ExitCode.failed)
    })
  }

  for (const [title, codes, expected] of [
    ['3 if every failure was rolled back', [3, undefined], ExitCode.rolledBack],
    ['1 if a failure was not rolled back', [3, 1], ExitCode.failed],
    ['0 if every failure was rescued', [undefined, undefined], ExitCode.done],
  ] as const) {
    it(`ends the run with exit code ${title}`, async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - block: [{fail: {exit_code: 3}}]
      rescue: [{name: rescued, debug: {msg: x}}]
    - name: fails
      fail: {exit_code: "<%= codes[inventory_hostname] %>"}
      when: codes[inventory_hostname] !== 0
`,
        { hosts: ['a', 'b'], vars: { codes: { a: codes[0] ?? 0, b: codes[1] ?? 0 } } },
      )
      expect(run.exitCode).to.equal(expected)
    })
  }
})

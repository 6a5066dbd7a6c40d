import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../src/errors.ts'
import type { Target } from '../../src/target/target.ts'
import { outcomes, Rehearsal, type Rehearsed } from './rehearsal.ts'

describe('a run on several hosts', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const hosts = ['a', 'b', 'c']
  const onHost = (run: Rehearsed, name: string): string[] =>
    run.tasks.filter(({ host }) => host === name).map(({ task, status }) => `${task}: ${status}`)

  it('shows registered variables, set facts and facts of other hosts in hostvars, even in a dry run', async () => {
    const play = `
- hosts: all
  tasks:
    - {name: who, command: "echo <%= inventory_hostname %>", register: who, check_mode: false, changed_when: false}
    - {set_fact: {twice: "<%= who.stdout + who.stdout %>"}}
    - name: others
      debug: {msg: "<%= hostvars.a.who.stdout %> <%= hostvars['b'].twice %> <%= hostvars.c.ansible_system %>"}
`
    for (const check of [false, true]) {
      const run = await rehearsal.run(play, { hosts, check })
      const said = run.tasks.filter(({ task }) => task === 'others').map(({ msg }) => msg)
      expect(said).to.deep.equal(['a bb Linux', 'a bb Linux', 'a bb Linux'])
    }
  })

  it('renders a template again after a variable of another host changed', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  vars: {seen: "<%= hostvars.a.round %>"}
  tasks:
    - {set_fact: {round: 1}}
    - {name: first, debug: {msg: "<%= seen %>"}}
    - {set_fact: {round: 2}, when: inventory_hostname === 'a'}
    - {name: second, debug: {msg: "<%= seen %>"}}
`,
      { hosts },
    )
    const said = (name: string): string[] =>
      run.tasks.filter(({ task }) => task === name).map(({ msg }) => msg)
    expect([said('first'), said('second')]).to.deep.equal([
      ['1', '1', '1'],
      ['2', '2', '2'],
    ])
  })

  it('stops on all hosts when a task with run_once fails', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {name: once, fail: {msg: no}, run_once: true}
    - {name: after, debug: {msg: x}}
`,
      { hosts },
    )
    for (const host of hosts) expect(onHost(run, host)).to.deep.equal(['once: failed'])
    expect(run.tasks[1]?.msg).to.include('run_once: the task failed on a')
    expect(run.exitCode).to.equal(ExitCode.failed)
  })

  it('runs the rescue on each host after a task with run_once failed', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - block: [{name: once, fail: {msg: no}, run_once: true}]
      rescue: [{name: rescue, debug: {msg: x}}]
`,
      { hosts },
    )
    for (const host of hosts) expect(onHost(run, host)).to.deep.equal(['once: failed', 'rescue: ok'])
    expect(run.exitCode).to.equal(ExitCode.done)
  })

  for (const strategy of ['linear', 'free'])
    it(`respects the throttle of a task with strategy ${strategy}`, async () => {
      const counted = await countTogether(
        `
- hosts: all
  strategy: ${strategy}
  tasks:
    - {name: one by one, command: echo throttled, throttle: 1}
    - {name: all, command: echo free}
`,
      )
      expect(counted).to.deep.equal({ throttled: 1, free: 3 })
    })

  /** Returns the maximum number of hosts that ran a command at the same time. */
  async function countTogether(play: string): Promise<{ throttled: number; free: number }> {
    const most = { throttled: 0, free: 0 }
    const now = { throttled: 0, free: 0 }
    let everybodyCame: () => void = () => undefined
    const allThere = new Promise<void>((resolve) => {
      everybodyCame = resolve
    })
    const through = (target: Target): Target => ({
      name: target.name,
      close: () => target.close(),
      run: async (batch, signal) => {
        const texts = batch.scripts.map(({ text }) => text).join('\n')
        const which = texts.includes('throttled') ? 'throttled' : texts.includes('free') ? 'free' : undefined
        if (which === undefined) return target.run(batch, signal)
        now[which] += 1
        most[which] = Math.max(most[which], now[which])
        if (now.free === hosts.length) everybodyCame()
        if (which === 'free') await allThere
        const outcomes = await target.run(batch, signal)
        now[which] -= 1
        return outcomes
      },
    })
    await rehearsal.run(play, { hosts, through })
    return most
  }

  it('continues with the next play, not the next batch, after end_play', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  serial: 1
  tasks:
    - {name: first, debug: {msg: x}}
    - meta: end_play
    - {name: never, debug: {msg: x}}
- hosts: all
  serial: 1
  tasks:
    - meta: end_host
      when: inventory_hostname === 'a'
    - {name: second, debug: {msg: x}}
`,
      { hosts },
    )
    expect(run.tasks.map(({ host, task }) => `${host} ${task}`)).to.deep.equal([
      'a first',
      'b second',
      'c second',
    ])
  })

  it('reports the hosts and plays that it did not run after a failure', async () => {
    const run = await rehearsal.run(
      `
- {name: first, hosts: all, serial: 1, tasks: [{fail: {msg: no}}]}
- {name: second, hosts: all, tasks: [{debug: {msg: x}}]}
`,
      { hosts },
    )
    expect(run.tasks).to.have.length(1)
    const warnings = run.events.flatMap((event) => (event.event === 'warning' ? [event.msg] : []))
    expect(warnings).to.deep.equal([
      'not run on these hosts because the previous batch failed: b, c',
      "not run because 'first' failed: 'second'",
    ])
  })

  it('emits events before a host reads, before it changes something, and afterwards', async () => {
    const run = await rehearsal.run('- hosts: all\n  tasks: [{name: first, command: "true"}]\n')
    const told = run.events.flatMap(({ event }) => (event === 'busy' || event === 'task' ? [event] : []))
    expect(told).to.deep.equal(['busy', 'busy', 'task'])
  })

  it('runs the hosts in the order of the play', async () => {
    const run = await rehearsal.run(
      '- hosts: all\n  order: reverse_sorted\n  serial: 1\n  tasks: [{debug: {msg: x}}]\n',
      { hosts },
    )
    expect(run.tasks.map(({ host }) => host)).to.deep.equal(['c', 'b', 'a'])
  })

  describe('with an unreachable host', () => {
    const losing = (target: Target): Target =>
      target.name !== 'a' ? target : { ...bound(target), run: failOnce(target) }

    it('continues on an unreachable host over a new connection with ignore_unreachable', async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - {name: lost, command: "true", ignore_unreachable: true, register: result}
    - {name: after, debug: {msg: "<%= result.unreachable ?? false %>"}}
    - {name: again, command: "true"}
`,
        { hosts, through: losing },
      )
      expect(onHost(run, 'a')).to.deep.equal(['lost: unreachable', 'after: ok', 'again: changed'])
      const after = run.tasks.filter(({ task }) => task === 'after')
      expect(after.map(({ host, msg }) => `${host} ${msg}`)).to.have.members(['a true', 'b false', 'c false'])
      expect(run.exitCode).to.equal(ExitCode.done)
      expect(run.events.at(-1)).to.deep.nested.include({
        'hosts.a.ignored': 1,
        'hosts.a.unreachable': 0,
      })
    })

    it('continues on no host with any_errors_fatal after one became unreachable, despite a rescue', async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  any_errors_fatal: true
  tasks:
    - block: [{name: lost, command: "true"}, {name: after, debug: {msg: x}}]
      rescue: [{name: rescue, debug: {msg: x}}]
- hosts: all
  tasks: [{name: next, debug: {msg: x}}]
`,
        { hosts, through: losing },
      )
      expect(onHost(run, 'a')).to.deep.equal(['lost: unreachable'])
      expect(onHost(run, 'b')).to.deep.equal(['lost: changed'])
      expect(run.exitCode).to.equal(ExitCode.unreachable)
    })

    it('continues on an unreachable host after clear_host_errors', async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - {name: lost, command: "true"}
    - {name: fails, fail: {msg: no}, when: inventory_hostname === 'b'}
    - meta: clear_host_errors
    - {name: after, debug: {msg: x}}
`,
        { hosts, through: losing },
      )
      expect(onHost(run, 'a')).to.deep.equal(['lost: unreachable', 'after: ok'])
      expect(onHost(run, 'b').slice(1)).to.deep.equal(['fails: failed', 'after: ok'])
    })

    let failed = false
    beforeEach(() => {
      failed = false
    })
    function failOnce(target: Target): Target['run'] {
      return (batch, signal) => {
        if (failed) return target.run(batch, signal)
        failed = true
        return Promise.reject(new ConnectionError('a', 'lost', 'a: the connection was lost'))
      }
    }
    function bound(target: Target): Target {
      return {
        name: target.name,
        run: (batch, signal) => target.run(batch, signal),
        close: () => target.close(),
      }
    }
  })

  it('connects in the way of each play, and keeps the connection if that does not change', async () => {
    const play = (keywords: string): string => `- hosts: all\n${keywords}  tasks: [{command: "true"}]\n`
    const run = await rehearsal.run(
      [
        play(''),
        play(''),
        play('  remote_user: admin\n'),
        play('  connection: local\n'),
        play('  connection: local\n'),
      ].join(''),
    )
    expect(run.reached).to.deep.equal([
      { host: 'here' },
      { host: 'here', user: 'admin' },
      { host: 'here', connection: 'local' },
    ])
  })

  it('keeps predictions for the controller apart from those for the host', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks: [{name: made, file: {path: "<%= folder %>/x", state: directory}}]
- hosts: all
  connection: local
  tasks: [{name: elsewhere, file: {path: "<%= folder %>/x", state: directory}}]
- hosts: all
  tasks: [{name: there, file: {path: "<%= folder %>/x", state: directory}}]
`,
      { check: true },
    )
    expect(outcomes(run)).to.deep.equal(['made: changed', 'elsewhere: changed', 'there: ok'])
  })
})

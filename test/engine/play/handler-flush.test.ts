import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../../src/errors.ts'
import { pending } from '../../../src/state/pending-handlers.ts'
import type { Target } from '../../../src/target/target.ts'
import { fakeModules } from '../fake-modules.ts'
import { FakeTarget, scriptOf } from '../fake-target.ts'
import { Rehearsal, type Rehearsed, type RehearsalOptions } from '../rehearsal.ts'

describe('the handlers of a play', () => {
  let rehearsal: Rehearsal
  let targets: Map<string, FakeTarget>
  beforeEach(() => {
    rehearsal = new Rehearsal()
    targets = new Map(hosts.map((host) => [host, new FakeTarget()]))
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const hosts = ['a', 'b']
  const handlers = `
  handlers:
    - {name: first, append: {name: log, value: first}, notify: third}
    - {name: second, append: {name: log, value: second}}
    - {name: third, append: {name: log, value: third}}
`
  const run = (tasks: string, options: RehearsalOptions = {}): Promise<Rehearsed> =>
    rehearsal.run(`- name: site\n  hosts: all\n  tasks:${tasks}${handlers}`, {
      ...{ hosts, modules: fakeModules, target: (host: string): Target => targets.get(host)! },
      ...options,
    })
  const told = ({ tasks }: Rehearsed): string[] =>
    tasks
      .filter(({ status }) => status !== 'skipped')
      .map(({ host, task, status }) => `${host} ${task}: ${status}`)
  const pendingIn = ({ events }: Rehearsed): unknown =>
    events.flatMap((event) => (event.event === 'recap' ? [event.pending] : []))[0]
  const recapOf = ({ events }: Rehearsed, host: string) =>
    events.flatMap((event) => (event.event === 'recap' ? [event.hosts[host]] : []))[0]
  const lose = (host: string) => () => {
    throw new ConnectionError(host, 'lost', `${host}: the connection was lost`)
  }
  const leaveBehind = (host: string, ...names: readonly string[]) => {
    const lines = names.map((name) => `${rehearsal.folder}/play.yml: site\t${name}\n`)
    targets.get(host)!.on(pending.read([]), () => ({ stdout: lines.join('') }))
  }
  /** Returns how often the record of a host was changed. */
  const recordings = (host: string): number =>
    targets.get(host)!.ran.filter((text) => text.includes('/pending-handlers') && text.includes('site\t'))
      .length

  it('run in the order of definition, each once, with those that they notify themselves', async () => {
    const done = await run(`
    - {set: {name: x, value: "1"}, notify: [third, second]}
    - {set: {name: y, value: "1"}, notify: [second, first]}
`)
    expect(targets.get('a')!.things.get('log')).to.equal('firstsecondthird')
    expect(told(done).slice(4)).to.deep.equal(
      ['first', 'second', 'third'].flatMap((name) => [`a ${name}: changed`, `b ${name}: changed`]),
    )
    expect(pendingIn(done)).to.deep.equal({})
  })

  it('run again after flush_handlers only if they are notified again', async () => {
    await run(`
    - {set: {name: x, value: "1"}, notify: second}
    - meta: flush_handlers
    - {set: {name: y, value: "1"}, notify: third}
`)
    expect(targets.get('a')!.things.get('log')).to.equal('secondthird')
  })

  it('are recorded before the change, and their records are removed after they ran', async () => {
    await run('\n    - {set: {name: x, value: "1"}, notify: second}\n')
    expect(recordings('a')).to.equal(2)
  })

  it('stay recorded on the host on which they fail, and run on the others', async () => {
    targets.get('a')!.on(scriptOf('append log second'), () => ({ code: 1 }))
    const done = await run('\n    - {set: {name: x, value: "1"}, notify: [second, third]}\n')
    expect(told(done).slice(2)).to.deep.equal(['a second: failed', 'b second: changed', 'b third: changed'])
    expect(pendingIn(done)).to.deep.equal({ a: ['second', 'third'] })
    expect(done.exitCode).to.equal(ExitCode.failed)
  })

  it('stay recorded on a host that becomes unreachable', async () => {
    targets.get('b')!.on(scriptOf('append log second'), lose('b'))
    const done = await run('\n    - {set: {name: x, value: "1"}, notify: second}\n')
    expect(told(done).slice(2)).to.have.members(['a second: changed', 'b second: unreachable'])
    expect(pendingIn(done)).to.deep.equal({ b: ['second'] })
    expect(done.exitCode).to.equal(ExitCode.unreachable)
  })

  for (const forceHandlers of [false, true])
    it(`${forceHandlers ? 'run' : 'do not run'} on a failed host ${forceHandlers ? 'with' : 'without'} --force-handlers`, async () => {
      const tasks = `
    - {set: {name: x, value: "1"}, notify: second}
    - {fail: {msg: no}, when: inventory_hostname === 'a'}
`
      const done = await run(tasks, { forceHandlers })
      expect(targets.get('a')!.things.get('log')).to.equal(forceHandlers ? 'second' : undefined)
      expect(targets.get('b')!.things.get('log')).to.equal('second')
      expect(pendingIn(done)).to.deep.equal(forceHandlers ? {} : { a: ['second'] })
      expect(done.exitCode).to.equal(ExitCode.failed)
    })

  it('of an earlier run are reported and run, and their records are removed', async () => {
    leaveBehind('a', 'third')
    const done = await run('\n    - {look: {name: x}, notify: third}\n')
    expect(done.events.filter(({ event }) => event === 'pending')).to.deep.equal([
      { event: 'pending', host: 'a', handlers: ['third'] },
    ])
  })

  it('of an earlier run are only predicted in a dry run, and stay recorded', async () => {
    leaveBehind('a', 'third')
    const tasks = '\n    - {look: {name: x}, notify: third}\n'
    const dry = await run(tasks, { check: true })
    expect(told(dry)).to.deep.equal(['a look: ok', 'b look: ok', 'a third: changed'])
    expect(recordings('a')).to.equal(0)
    expect(pendingIn(dry)).to.deep.equal({})
    const real = await run(tasks)
    expect(told(real)).to.deep.equal(told(dry))
    expect(recordings('a')).to.equal(1)
  })

  it('leave out a host that becomes unreachable when its records are read, and run on the others', async () => {
    targets.get('a')!.on(pending.read([]), lose('a'))
    const done = await run('\n    - {set: {name: x, value: "1"}, notify: second}\n', { lookAhead: false })
    expect(told(done).slice(2)).to.deep.equal(['b second: changed'])
    expect(recapOf(done, 'a')).to.include({ unreachable: 1, ok: 1, failed: 0 })
    expect(done.events).to.deep.include({ event: 'warning', host: 'a', msg: 'a: the connection was lost' })
    expect(done.exitCode).to.equal(ExitCode.unreachable)
  })

  it('of a task whose user is not known before it runs are taken over as the login user', async () => {
    const done = await run(`
    - {look: {name: x}, register: seen}
    - {set: {name: x, value: "1"}, become: true, become_user: "<%= seen.value %>", notify: second}
`)
    expect(done.exitCode).to.equal(ExitCode.done)
    expect(targets.get('a')!.things.get('log')).to.equal('second')
    expect(pendingIn(done)).to.deep.equal({})
  })
})

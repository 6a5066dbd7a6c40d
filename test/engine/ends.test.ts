import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../src/errors.ts'
import type { AnyAction, AnyModule, Step } from '../../src/modules/definition/module.ts'
import { pending } from '../../src/state/pending-handlers.ts'
import type { Target } from '../../src/target/target.ts'
import { setting } from './fake-machine.ts'
import { fakeModules } from './fake-modules.ts'
import { FakeTarget, scriptOf } from './fake-target.ts'
import { Rehearsal, type Rehearsed, type RehearsalOptions } from './rehearsal.ts'

describe('a run in memory', () => {
  let rehearsal: Rehearsal
  let targets: FakeTarget[]
  beforeEach(() => {
    rehearsal = new Rehearsal()
    targets = []
  })
  afterEach(() => {
    rehearsal.remove()
  })

  /** Runs tasks on a host. @param prepare is called with the target of each connection */
  const run = (
    tasks: string,
    options: RehearsalOptions = {},
    prepare: (target: FakeTarget, host: string) => void = () => undefined,
  ): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n  tasks:${tasks}`, {
      modules: fakeModules,
      target: (host): Target => {
        const target = new FakeTarget()
        prepare(target, host)
        targets.push(target)
        return target
      },
      ...options,
    })
  const told = ({ tasks }: Rehearsed): string[] =>
    tasks.map(({ host, task, status }) => `${host} ${task}: ${status}`)
  const lost = (): never => {
    throw new ConnectionError('here', 'lost', 'here: the connection was lost')
  }
  /** Replaces the module set by one whose step is changed. */
  const withStep = (step: Partial<Step>): ReadonlyMap<string, AnyModule | AnyAction> => {
    const { module } = setting({ name: 'a', value: 'x' }, { step })
    return new Map([...fakeModules, ['set', module]])
  }

  describe('that is interrupted', () => {
    for (const [title, error] of [
      ['the connection is lost', new ConnectionError('here', 'lost', 'here: lost')],
      ['the task is aborted', new Error('aborted')],
    ] as const)
      it(`reports the running task as interrupted if ${title}, and ends with exit code 130`, async () => {
        const controller = new AbortController()
        const done = await run(
          `
    - {append: {name: log, value: x}, ignore_unreachable: true}
    - {name: after, debug: {msg: x}}
`,
          { signal: controller.signal },
          (target) => {
            target.on(scriptOf('append log x'), () => {
              controller.abort()
              throw error
            })
          },
        )
        expect(done.tasks.map(({ task, msg }) => `${task} ${msg}`)).to.deep.equal([
          'append interrupted: run again to complete the task',
        ])
        expect(done.exitCode).to.equal(ExitCode.interrupted)
      })

    it('throws an error of this program if it is not interrupted', async () => {
      const broken = run('\n    - {append: {name: log, value: x}}\n', {}, (target) => {
        target.on(scriptOf('append log x'), () => {
          throw new TypeError('a mistake')
        })
      })
      expect(await broken.catch(String)).to.equal('TypeError: a mistake')
    })
  })

  it('warns about a lease that cannot be released at the end', async () => {
    const lease = {
      ...{ name: 'the lock', interval: 3600, environment: {} },
      ...{ renew: scriptOf('get lock'), release: scriptOf('release') },
    }
    const { events } = await run(
      '\n    - {set: {name: a, value: x}}\n',
      { modules: withStep({ acquires: lease }) },
      (target) => {
        target.on(lease.release, () => ({ code: 1, stderr: 'it is gone' }))
      },
    )
    expect(events.filter(({ event }) => event === 'warning')).to.deep.equal([
      { event: 'warning', host: 'here', msg: 'could not release the lock: it is gone' },
    ])
  })

  it('connects again after a task with ignore_unreachable lost the connection', async () => {
    const done = await run(
      `
    - {append: {name: log, value: x}, ignore_unreachable: true, register: seen}
    - {look: {name: a}}
    - {name: seen, debug: {msg: "<%= seen.unreachable %>"}}
`,
      {},
      (target) => {
        target.on(scriptOf('append log x'), lost)
      },
    )
    expect(told(done)).to.deep.equal(['here append: unreachable', 'here look: ok', 'here seen: ok'])
    expect(done.tasks.at(-1)?.msg).to.equal('true')
    expect(done.tasks[0]).to.include({ ignored: true })
    expect(targets).to.have.length(2)
    expect(done.exitCode).to.equal(ExitCode.done)
  })

  for (const [kind, task] of [
    ['an include', 'include_tasks: "<%= ansible_system %>.yml"'],
    ['a meta task', 'meta: noop, when: ansible_system'],
  ] as const)
    it(`reports a host as unreachable whose connection is lost while ${kind} gathers facts`, async () => {
      const done = await run(`\n    - {name: first, ${task}}\n    - {name: after, debug: {msg: x}}\n`, {
        hosts: ['a', 'b'],
        target: (host): Target => ({
          name: host,
          run: () => Promise.reject(connectionLost(host)),
          close: () => Promise.resolve(),
        }),
      })
      expect(told(done)).to.deep.equal(['a first: unreachable', 'b first: unreachable'])
      expect(done.exitCode).to.equal(ExitCode.unreachable)
    })

  it('marks the task of a handler that becomes unreachable as that of a handler', async () => {
    const done = await run(
      `
    - {set: {name: a, value: x}, notify: later}
  handlers:
    - {name: later, append: {name: log, value: x}}
`,
      {},
      (target) => {
        target.on(scriptOf('append log x'), lost)
      },
    )
    expect(done.tasks.map(({ handler }) => handler)).to.deep.equal([undefined, true])
    expect(done.tasks[1]?.status).to.equal('unreachable')
  })

  it('reports the effect of a step before it runs', async () => {
    const { events } = await run('\n    - {set: {name: a, value: x}}\n', {
      modules: withStep({ effect: 'rings the bell' }),
    })
    const busy = events.filter(({ event }) => event === 'busy')
    expect(busy).to.deep.equal([
      { event: 'busy', host: 'here', task: 'set' },
      { event: 'busy', host: 'here', task: 'set', effect: 'rings the bell' },
    ])
    const quiet = await run('\n    - {set: {name: a, value: x}}\n')
    expect(quiet.events.filter((event) => 'effect' in event)).to.deep.equal([])
  })

  it('shows the validation of a step before its script with --show-commands', async () => {
    const { events } = await run('\n    - {set: {name: a, value: x}}\n', {
      modules: withStep({ validate: scriptOf('get proof') }),
      showCommands: true,
    })
    const scripts = events.flatMap((event) => (event.event === 'commands' ? event.scripts : []))
    expect(scripts).to.deep.equal(['get proof', 'set a x'])
  })

  const harmless: [keywords: string, isHarmless: boolean][] = [
    ['changed_when: false', true],
    ['changed_when: " false "', true],
    ['changed_when: [false, false]', true],
    ['changed_when: [false, true]', false],
    ['changed_when: true', false],
  ]
  for (const [keywords, isHarmless] of harmless)
    it(`${isHarmless ? 'predicts no' : 'predicts a'} write in a dry run of a task with ${keywords}`, async () => {
      const done = await run(
        `\n    - {set: {name: a, value: x}, ${keywords}}\n    - {look: {name: a}, register: seen}\n    - {debug: {msg: "<%= seen.value %>"}}\n`,
        { check: true },
      )
      expect(done.tasks[2]?.msg).to.equal(isHarmless ? 'absent' : 'x')
    })

  it('ends the play after end_play only if its condition is true on a host', async () => {
    const done = await run(
      `
    - {meta: end_play, when: inventory_hostname === 'c'}
    - {name: one, debug: {msg: x}}
    - {meta: end_play, when: inventory_hostname === 'b'}
    - {name: two, debug: {msg: x}}
`,
      { hosts: ['a', 'b'] },
    )
    expect(told(done)).to.deep.equal(['a one: ok', 'b one: ok'])
  })

  it('leaves failed hosts as they are after end_host, and lets only them rejoin after clear_host_errors', async () => {
    const done = await run(
      `
    - {name: fails, fail: {msg: no}, when: inventory_hostname === 'a'}
    - {append: {name: lost, value: x}, when: inventory_hostname === 'b'}
    - {meta: end_host, when: inventory_hostname !== 'd'}
    - meta: clear_host_errors
    - {look: {name: a}}
`,
      { hosts: ['a', 'b', 'c', 'd'] },
      (target) => {
        target.on(scriptOf('append lost x'), lost)
      },
    )
    expect(told(done).filter((line) => line.includes('look'))).to.have.members([
      ...['a look: ok', 'b look: ok', 'd look: ok'],
    ])
    expect(done.reached.map(({ host }) => host)).to.deep.equal(['a', 'b', 'c', 'd', 'b'])
  })

  it('fails a task whose result is too large to register, and keeps the results of the others', async () => {
    const text = 'x'.repeat(20 * 1024 * 1024)
    const done = await run(
      `
    - {look: {name: a}, register: one}
    - {look: {name: a}, register: two}
    - {look: {name: a}, register: three, ignore_errors: true}
    - {debug: {msg: "<%= [one.value.length, three.failed, three.value === undefined].join() %>"}}
`,
      {},
      (target) => {
        target.on(scriptOf('get a'), () => ({ stdout: `${text}\n` }))
      },
    )
    expect(told(done)).to.deep.equal([
      'here look: ok',
      'here look: ok',
      'here look: failed',
      'here debug: ok',
    ])
    expect(done.tasks[2]?.msg).to.include("cannot register 'three': the stored results of here exceed 64 MB")
    expect(done.tasks[3]?.msg).to.equal(`${text.length},true,true`)
  })

  it('fails the item of a loop whose result is too large to keep, and only that', async () => {
    const text = 'x'.repeat(20 * 1024 * 1024)
    for (const register of ['', 'register: seen,']) {
      const done = await run(
        `\n    - {look: {name: a}, ${register} ignore_errors: true, loop: [1, 2, 3, 4]}\n`,
        {},
        (target) => {
          target.on(scriptOf('get a'), () => ({ stdout: `${text}\n` }))
        },
      )
      const statuses = done.tasks[0]?.items?.map(({ status }) => status)
      expect(statuses).to.deep.equal(
        register === '' ? ['ok', 'ok', 'ok', 'ok'] : ['ok', 'ok', 'failed', 'failed'],
      )
    }
  })

  it('takes numbers of keywords from text, but no empty text', async () => {
    for (const [retries, status] of [
      ['0', 'failed'],
      [' 0 ', 'failed'],
    ] as const) {
      const done = await run(
        `\n    - {look: {name: a}, until: "false", retries: "<%= given %>", delay: 0}\n`,
        { vars: { given: retries } },
      )
      expect(done.tasks[0]?.status).to.equal(status)
      expect(done.tasks[0]?.msg).to.include('after 1 attempts')
    }
    for (const retries of ['', ' ', 'many', -1, null, true]) {
      const done = await run(
        `\n    - {look: {name: a}, until: "false", retries: "<%= given %>", delay: 0}\n`,
        { vars: { given: retries } },
      )
      expect(done.tasks[0]?.msg, String(retries)).to.include('retries must be a number')
    }
  })

  it('shows the magic variables of other hosts in hostvars', async () => {
    const done = await run('\n    - {debug: {msg: "<%= hostvars.b.inventory_hostname %>"}}\n', {
      hosts: ['a', 'b'],
    })
    expect(done.tasks.map(({ msg }) => msg)).to.deep.equal(['b', 'b'])
  })

  it('leaves failed hosts out of the next play, its batches and its connections', async () => {
    const done = await run(
      `
    - {name: fails, fail: {msg: no}, when: inventory_hostname === 'a'}
- name: second
  hosts: all
  serial: 1
  remote_user: other
  tasks:
    - {name: batch, debug: {msg: "<%= ansible_play_hosts_all.join() %>"}}
`,
      { hosts: ['a', 'b', 'c'] },
    )
    const plays = done.events.flatMap((event) => (event.event === 'play' ? [event.hosts] : []))
    expect(plays).to.deep.equal([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ])
    expect(done.tasks.filter(({ task }) => task === 'batch').map(({ msg }) => msg)).to.deep.equal([
      'b,c',
      'b,c',
    ])
    expect(done.reached.filter(({ user }) => user === 'other').map(({ host }) => host)).to.deep.equal([
      'b',
      'c',
    ])
  })

  it('waits the seconds of delay between two attempts, and reads again', async () => {
    let readings = 0
    const started = performance.now()
    const done = await run(
      `\n    - {look: {name: a}, register: seen, until: "seen.value === '3'", retries: 5, delay: "<%= 0.03 %>"}\n`,
      {},
      (target) => {
        target.on(scriptOf('get a'), () => ({ stdout: `${(readings += 1)}\n` }))
      },
    )
    expect(performance.now() - started).to.be.within(59, 5000)
    expect(told(done)).to.deep.equal(['here look: ok'])
    expect(readings).to.equal(3)
  })

  it('takes the words for true and false in any case', async () => {
    for (const [word, user] of [
      ['YES', 'root'],
      ['No', undefined],
    ] as const) {
      await run('\n    - {set: {name: a, value: x}, become: "<%= given %>"}\n', { vars: { given: word } })
      expect(targets.at(-1)?.batches.at(-1)?.user).to.equal(user)
    }
  })

  it('notifies the last of several handlers with the same name', async () => {
    await run(`
    - {set: {name: a, value: x}, notify: same}
  handlers:
    - {name: same, append: {name: log, value: first}}
    - {name: same, append: {name: log, value: last}}
`)
    expect(targets[0]?.things.get('log')).to.equal('last')
  })

  it('takes over the last of several handlers with the same name', async () => {
    const done = await run(
      `
    - {look: {name: a}, notify: same}
  handlers:
    - {name: same, append: {name: log, value: first}}
    - {name: same, append: {name: log, value: last}}
`,
      {},
      (target) => {
        target.on(pending.read([]), () => ({ stdout: `${rehearsal.folder}/play.yml: all\tsame\n` }))
      },
    )
    expect(told(done)).to.deep.equal(['here look: ok', 'here same: changed'])
    expect(targets[0]?.things.get('log')).to.equal('last')
  })
})

function connectionLost(host: string): ConnectionError {
  return new ConnectionError(host, 'lost', `${host}: the connection was lost`)
}

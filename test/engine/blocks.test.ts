import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../src/errors.ts'
import { fakeModules } from './fake-modules.ts'
import { FakeTarget, scriptOf } from './fake-target.ts'
import { Rehearsal, type Rehearsed } from './rehearsal.ts'

type Place = 'block' | 'rescue' | 'always' | 'inner' | 'inner rescue' | 'inner always'

interface Situation {
  /** The hosts on which a task fails, by its place. */
  readonly failing?: Partial<Record<Place, readonly string[]>>
  /** The hosts that become unreachable, by the place. */
  readonly lost?: Partial<Record<Place, readonly string[]>>
  readonly keywords?: string
}

/** The tasks that ran on each host: `!` for a failed one, `?` for an unreachable host. */
type Course = Readonly<Record<string, string>>

const marks: Readonly<Record<string, string>> = { failed: '!', unreachable: '?' }

describe('a block', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const hosts = ['a', 'b', 'c']

  /** Returns tasks that fail or lose the host where the situation says so, and one that shows the place. */
  const tasksOf = (place: Place): string => `
      - {name: ${place}, fail: {msg: no}, when: "(failing['${place}'] ?? []).includes(inventory_hostname)"}
      - {name: ${place}, append: {name: lost, value: x}, when: "(lost['${place}'] ?? []).includes(inventory_hostname)"}
      - {name: ${place}, debug: {msg: x}}`

  const run = (tasks: string, { failing = {}, lost = {}, keywords = '' }: Situation): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n${keywords}  tasks:${tasks}\n    - {name: after, debug: {msg: x}}\n`, {
      ...{ hosts, modules: fakeModules, vars: { failing, lost } },
      target: (host) => {
        const target = new FakeTarget()
        target.on(scriptOf('append lost x'), () => {
          throw new ConnectionError(host, 'lost', `${host}: the connection was lost`)
        })
        return target
      },
    })

  const courseOf = ({ tasks }: Rehearsed): Course =>
    Object.fromEntries(
      hosts.map((name) => {
        const own = tasks.filter(({ host, status }) => host === name && status !== 'skipped')
        return [name, own.map(({ task, status }) => `${task}${marks[status] ?? ''}`).join(', ')]
      }),
    )

  const countsOf = (
    { events }: Rehearsed,
    host: string,
  ): { failed: number; rescued: number; unreachable: number } => {
    const recap = events.find((event) => event.event === 'recap')
    const { failed = 0, rescued = 0, unreachable = 0 } = recap?.hosts[host] ?? {}
    return { failed, rescued, unreachable }
  }

  describe('with rescue and always', () => {
    const tasks = `
    - block: ${tasksOf('block')}
      rescue: ${tasksOf('rescue')}
      always: ${tasksOf('always')}`

    const cases: readonly [title: string, situation: Situation, course: Course, exitCode: ExitCode][] = [
      [
        'runs the rescue on no host if no task fails',
        {},
        { a: 'block, always, after', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.done,
      ],
      [
        'runs the rescue only on the host whose task failed',
        { failing: { block: ['b'] } },
        { a: 'block, always, after', b: 'block!, rescue, always, after', c: 'block, always, after' },
        ExitCode.done,
      ],
      [
        'runs the rescue on all hosts if all of them failed',
        { failing: { block: hosts } },
        {
          a: 'block!, rescue, always, after',
          b: 'block!, rescue, always, after',
          c: 'block!, rescue, always, after',
        },
        ExitCode.done,
      ],
      [
        'runs always, but nothing after it, on the host whose rescue failed',
        { failing: { block: ['a', 'b'], rescue: ['b'] } },
        {
          a: 'block!, rescue, always, after',
          b: 'block!, rescue!, always',
          c: 'block, always, after',
        },
        ExitCode.failed,
      ],
      [
        'runs nothing more on a host that fails in always',
        { failing: { always: ['a'] } },
        { a: 'block, always!', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.failed,
      ],
      [
        'runs nothing more on a host that fails in the rescue and in always',
        { failing: { block: ['a'], rescue: ['a'], always: ['a'] } },
        { a: 'block!, rescue!, always!', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.failed,
      ],
      [
        'runs nothing more on a rescued host that fails in always',
        { failing: { block: ['c'], always: ['c'] } },
        { a: 'block, always, after', b: 'block, always, after', c: 'block!, rescue, always!' },
        ExitCode.failed,
      ],
      [
        'rescues no host that becomes unreachable in the block',
        { lost: { block: ['a'] }, failing: { block: ['b'] } },
        { a: 'block?', b: 'block!, rescue, always, after', c: 'block, always, after' },
        ExitCode.unreachable,
      ],
      [
        'does not run always on a host that becomes unreachable in the rescue',
        { failing: { block: ['a', 'b'] }, lost: { rescue: ['a'] } },
        {
          a: 'block!, rescue?',
          b: 'block!, rescue, always, after',
          c: 'block, always, after',
        },
        ExitCode.unreachable,
      ],
      [
        'keeps a host unreachable that becomes so in always after its rescue failed',
        { failing: { block: ['a'], rescue: ['a'] }, lost: { always: ['a'] } },
        { a: 'block!, rescue!, always?', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.unreachable,
      ],
      [
        'ends the run after a failed rescue if the play has any_errors_fatal',
        { failing: { block: ['a', 'b'], rescue: ['b'] }, keywords: '  any_errors_fatal: true\n' },
        { a: 'block!', b: 'block!, rescue!', c: 'block' },
        ExitCode.failed,
      ],
      [
        'continues after a rescue if the play has any_errors_fatal',
        { failing: { block: ['a', 'b'] }, keywords: '  any_errors_fatal: true\n' },
        {
          a: 'block!, rescue, always, after',
          b: 'block!, rescue, always, after',
          c: 'block, always, after',
        },
        ExitCode.done,
      ],
      [
        'ends the run in the block if a host becomes unreachable and the play has any_errors_fatal',
        { lost: { block: ['c'] }, keywords: '  any_errors_fatal: true\n' },
        { a: '', b: '', c: 'block?' },
        ExitCode.unreachable,
      ],
      [
        'ignores failures in the block for max_fail_percentage, because a rescue follows',
        { failing: { block: ['a', 'b'] }, keywords: '  max_fail_percentage: 0\n' },
        {
          a: 'block!, rescue, always, after',
          b: 'block!, rescue, always, after',
          c: 'block, always, after',
        },
        ExitCode.done,
      ],
      [
        'ends the run if more than max_fail_percentage of the hosts fail in the rescue',
        { failing: { block: hosts, rescue: ['a', 'b'] }, keywords: '  max_fail_percentage: 60\n' },
        { a: 'block!, rescue!', b: 'block!, rescue!', c: 'block!' },
        ExitCode.failed,
      ],
      [
        'continues if at most max_fail_percentage of the hosts fail in the rescue',
        { failing: { block: hosts, rescue: ['a'] }, keywords: '  max_fail_percentage: 60\n' },
        {
          a: 'block!, rescue!, always',
          b: 'block!, rescue, always, after',
          c: 'block!, rescue, always, after',
        },
        ExitCode.failed,
      ],
      [
        'handles each batch of serial alone',
        { failing: { block: ['a'] }, keywords: '  serial: 1\n' },
        { a: 'block!, rescue, always, after', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.done,
      ],
      [
        'ends the run with the batch whose rescue fails',
        { failing: { block: ['b'], rescue: ['b'] }, keywords: '  serial: 1\n' },
        { a: 'block, always, after', b: 'block!, rescue!, always', c: '' },
        ExitCode.failed,
      ],
      [
        'handles each host alone with strategy free',
        { failing: { block: ['a', 'b'], rescue: ['b'] }, keywords: '  strategy: free\n' },
        { a: 'block!, rescue, always, after', b: 'block!, rescue!, always', c: 'block, always, after' },
        ExitCode.failed,
      ],
      [
        'runs always despite ignore_errors, and rescues nothing',
        { failing: { block: ['a'] }, keywords: '  ignore_errors: true\n' },
        { a: 'block!, block, always, after', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.done,
      ],
    ]
    for (const [title, situation, course, exitCode] of cases)
      it(title, async () => {
        const done = await run(tasks, situation)
        expect(courseOf(done)).to.deep.equal(course)
        expect(done.exitCode).to.equal(exitCode)
      })

    it('counts each failure that is rescued, and the others', async () => {
      const done = await run(tasks, {
        failing: { block: ['a', 'b'], rescue: ['b'] },
        lost: { rescue: ['a'], always: ['c'] },
      })
      expect(hosts.map((host) => countsOf(done, host))).to.deep.equal([
        { failed: 0, rescued: 1, unreachable: 1 },
        { failed: 1, rescued: 1, unreachable: 0 },
        { failed: 0, rescued: 0, unreachable: 1 },
      ])
    })
  })

  describe('without rescue', () => {
    const tasks = `
    - block: ${tasksOf('block')}
      always: ${tasksOf('always')}`

    const cases: readonly [title: string, situation: Situation, course: Course, exitCode: ExitCode][] = [
      [
        'runs always, but nothing after it, on a host that fails',
        { failing: { block: ['a'] } },
        { a: 'block!, always', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.failed,
      ],
      [
        'runs always if all hosts fail',
        { failing: { block: hosts } },
        { a: 'block!, always', b: 'block!, always', c: 'block!, always' },
        ExitCode.failed,
      ],
      [
        'ends the run after a failure if the play has any_errors_fatal',
        { failing: { block: ['a'] }, keywords: '  any_errors_fatal: true\n' },
        { a: 'block!', b: '', c: '' },
        ExitCode.failed,
      ],
      [
        'runs nothing more on a host that fails in the block and in always',
        { failing: { block: ['a'], always: ['a'] } },
        { a: 'block!, always!', b: 'block, always, after', c: 'block, always, after' },
        ExitCode.failed,
      ],
    ]
    for (const [title, situation, course, exitCode] of cases)
      it(title, async () => {
        const done = await run(tasks, situation)
        expect(courseOf(done)).to.deep.equal(course)
        expect(done.exitCode).to.equal(exitCode)
      })
  })

  describe('in another block', () => {
    const tasks = `
    - block:
      - block: ${tasksOf('inner').replaceAll('\n', '\n  ')}
        rescue: ${tasksOf('inner rescue').replaceAll('\n', '\n  ')}
        always: ${tasksOf('inner always').replaceAll('\n', '\n  ')}
      - {name: block, debug: {msg: x}}
      rescue: ${tasksOf('rescue')}
      always: ${tasksOf('always')}`
    const undisturbed = 'inner, inner always, block, always, after'

    const cases: readonly [title: string, situation: Situation, course: Course, exitCode: ExitCode][] = [
      [
        'handles its failure without the rescue around it',
        { failing: { inner: ['a'] } },
        {
          a: 'inner!, inner rescue, inner always, block, always, after',
          b: undisturbed,
          c: undisturbed,
        },
        ExitCode.done,
      ],
      [
        'leaves the failure of its rescue to the rescue around it',
        { failing: { inner: ['a', 'b'], 'inner rescue': ['b'] } },
        {
          a: 'inner!, inner rescue, inner always, block, always, after',
          b: 'inner!, inner rescue!, inner always, rescue, always, after',
          c: undisturbed,
        },
        ExitCode.done,
      ],
      [
        'leaves the failure of its rescue to the rescue around it despite any_errors_fatal',
        { failing: { inner: ['b'], 'inner rescue': ['b'] }, keywords: '  any_errors_fatal: true\n' },
        { a: undisturbed, b: 'inner!, inner rescue!, inner always, rescue, always, after', c: undisturbed },
        ExitCode.done,
      ],
      [
        'leaves a failure in always to the rescue around it',
        { failing: { 'inner always': ['c'] } },
        { a: undisturbed, b: undisturbed, c: 'inner, inner always!, rescue, always, after' },
        ExitCode.done,
      ],
      [
        'is not rescued by a block whose rescue has failed',
        { failing: { inner: ['a'], 'inner rescue': ['a'], rescue: ['a'] } },
        {
          a: 'inner!, inner rescue!, inner always, rescue!, always',
          b: undisturbed,
          c: undisturbed,
        },
        ExitCode.failed,
      ],
    ]
    for (const [title, situation, course, exitCode] of cases)
      it(title, async () => {
        const done = await run(tasks, situation)
        expect(courseOf(done)).to.deep.equal(course)
        expect(done.exitCode).to.equal(exitCode)
      })
  })

  it('with a rescue that handled a failure leaves later failures to any_errors_fatal', async () => {
    const done = await run(
      `
    - block: ${tasksOf('block')}
      rescue: ${tasksOf('rescue')}${tasksOf('always').replaceAll('\n      ', '\n    ')}`,
      { failing: { block: ['a'], always: ['b'] }, keywords: '  any_errors_fatal: true\n' },
    )
    expect(courseOf(done)).to.deep.equal({ a: 'block!, rescue', b: 'block, always!', c: 'block' })
  })

  it('hides a failure with run_once from the other hosts after its rescue', async () => {
    const done = await run(
      `
    - block:
      - {name: block, fail: {msg: no}, run_once: true}
      rescue: ${tasksOf('rescue')}`,
      {},
    )
    const course = 'block!, rescue, after'
    expect(courseOf(done)).to.deep.equal({ a: course, b: course, c: course })
    expect(hosts.map((host) => countsOf(done, host).rescued)).to.deep.equal([1, 1, 1])
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { fakeModules } from './fake-modules.ts'
import { FakeTarget } from './fake-target.ts'
import { Rehearsal, type Rehearsed } from './rehearsal.ts'

const name = fc.constantFrom('a', 'b', 'c')
const value = fc.constantFrom('1', '2')
const module = fc.oneof(
  fc.tuple(name, value).map(([thing, to]) => `set: {name: ${thing}, value: "${to}"}`),
  name.map((thing) => `remove: {name: ${thing}}`),
  fc.tuple(name, value).map(([thing, to]) => `append: {name: ${thing}, value: "${to}"}`),
  name.map((thing) => `look: {name: ${thing}}`),
  fc.integer({ min: 0, max: 3 }).map((most) => `demand: {most: ${most}}`),
)
const tasks = fc.array(
  fc.record({
    module,
    register: fc.boolean(),
    /** Uses the variable that the last task before it registered: 0 for a condition, 1 for a parameter. */
    uses: fc.integer({ min: 0, max: 4 }),
    notify: fc.boolean(),
    flush: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 1, maxLength: 12 },
)
type Tasks = typeof tasks extends fc.Arbitrary<infer Value> ? Value : never

function yaml(plan: Tasks): string {
  const lines = plan.map(({ module, register, uses, notify, flush }, index) => {
    const before = plan.slice(0, index).findLastIndex((other) => other.register)
    const registered = before < 0 ? undefined : `r${before}`
    return [
      `    - name: t${index}`,
      `      ${registered !== undefined && uses === 1 ? `set: {name: a, value: "<%= ${registered}.changed %>"}` : module}`,
      '      ignore_errors: true',
      ...(register ? [`      register: r${index}`] : []),
      ...(registered !== undefined && uses === 0 ? [`      when: ${registered}.changed`] : []),
      ...(notify ? ['      notify: handler'] : []),
      ...(flush === 0 ? ['    - meta: flush_handlers'] : []),
    ].join('\n')
  })
  return `
- hosts: all
  tasks:
${lines.join('\n')}
  handlers:
    - {name: handler, append: {name: log, value: handled}}
`
}

/** The parts of a run that must be equal with and without look-ahead. */
function essence({ events, exitCode }: Rehearsed, folder: string): unknown {
  const comparable = events.filter(({ event }) => event !== 'busy')
  const text = JSON.stringify(comparable, (key, value: unknown) => (key === 'seconds' ? undefined : value))
  return { exitCode, events: JSON.parse(text.replaceAll(folder, 'FOLDER')) as unknown }
}

describe('look-ahead on a machine in memory', () => {
  let one: Rehearsal
  let other: Rehearsal
  beforeEach(() => {
    one = new Rehearsal()
    other = new Rehearsal()
  })
  afterEach(() => {
    one.remove()
    other.remove()
  })

  const on = (target: FakeTarget) => ({ modules: fakeModules, target: () => target })

  it('produces the same events and the same state as a run without look-ahead', async () => {
    await fc.assert(
      fc.asyncProperty(tasks, async (plan) => {
        const [ahead, sequential] = [new FakeTarget(), new FakeTarget()]
        // The second run changes little, and therefore looks further ahead.
        for (const round of [1, 2]) {
          const run = await one.run(yaml(plan), on(ahead))
          const same = await other.run(yaml(plan), { ...on(sequential), lookAhead: false })
          expect(essence(run, one.folder), `round ${round}`).to.deep.equal(essence(same, other.folder))
          expect([...ahead.things]).to.deep.equal([...sequential.things])
          expect(ahead.batches.length).to.be.at.most(sequential.batches.length)
        }
      }),
      { numRuns: 100 },
    )
  }).timeout(60_000)

  it('predicts the changes of the real run in a dry run, and writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(tasks, async (plan) => {
        const target = new FakeTarget({ a: '1' })
        const dry = await one.run(yaml(plan), { ...on(target), check: true })
        expect([...target.things]).to.deep.equal([['a', '1']])
        const real = await one.run(yaml(plan), on(target))
        for (const { task, status, handler } of dry.tasks) {
          if (status === 'unknown' || handler === true) continue
          const done = real.tasks.find((finished) => finished.task === task)
          expect([task, status]).to.deep.equal([done?.task, done?.status])
        }
      }),
      { numRuns: 100 },
    )
  }).timeout(60_000)
})

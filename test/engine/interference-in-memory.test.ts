import { expect } from 'chai'
import fc from 'fast-check'
import * as z from 'zod'

import { defineModule, type AnyModule } from '../../src/modules/definition/module.ts'
import type { Key } from '../../src/state/definition/key.ts'
import { defineKind } from '../../src/state/definition/kind.ts'
import type { Scope } from '../../src/state/definition/write.ts'
import { FakeTarget, scriptOf } from './fake-target.ts'
import { Rehearsal, type Rehearsed } from './rehearsal.ts'

declare module '../../src/state/definition/write.ts' {
  interface KindValues {
    list: string
  }
}

/** A list of letters. By its rule, packages and services do not change it. */
const list = defineKind<'list', { readonly name: string }>({
  name: 'list',
  subject: ({ name }) => name,
  read: (questions) => scriptOf(questions.map(({ name }) => `get ${name}`).join('\n')),
  parse: (output, questions) => {
    const values = output.split('\n')
    return questions.map((_, index) => values[index] ?? '')
  },
  dependsOn: { scopes: ['anything'] },
})

interface Params {
  readonly name: string
  readonly letter: string
}

const params = z.object({ name: z.string(), letter: z.string() })

/** Adds a letter to a list, as `lineinfile` adds a line to a file. */
const edit = defineModule<Params, { current: Key<string> }>({
  name: 'edit',
  summary: 'Add a letter to a list',
  params,
  reads: (wanted) => ({ current: list.key({ name: wanted.name }) }),
  diff: ({ current }, { letter }) =>
    current.includes(letter) ? [] : [{ field: 'list', before: current, after: `${current}${letter}` }],
  apply: (_, { name, letter }, { current }) => [
    {
      script: scriptOf(`swap ${name} ${current} ${current}${letter}`),
      swaps: true,
      writes: [list.write({ name }, `${current}${letter}`)],
    },
  ],
})

/** Starts or installs something that replaces a list. */
function sideEffect(name: string, scope: Scope): AnyModule {
  return defineModule<Params, Record<string, never>>({
    name,
    summary: 'Change a list on the side',
    params,
    reads: () => ({}),
    diff: () => [{ field: 'state', before: undefined, after: name, transient: true }],
    apply: (_, { name: of, letter }) => [
      { script: scriptOf(`set ${of} -${letter}`), writes: [{ type: 'scope', scope, until: 'it has run' }] },
    ],
  })
}

const modules = new Map(
  [edit, sideEffect('start', 'services'), sideEffect('install', 'packages')].map((one) => [one.name, one]),
)

const listName = fc.constantFrom('a', 'b', 'c')
const taskLetter = fc.constantFrom('r', 's', 't', 'u')
const task = fc.record({
  module: fc.constantFrom('edit', 'edit', 'edit', 'start', 'install'),
  name: listName,
  letter: taskLetter,
  notify: fc.boolean(),
})
const tasks = fc.array(task, { minLength: 1, maxLength: 10 })
const edits = tasks.map((plan) => plan.map((one) => ({ ...one, module: 'edit' as const })))
type Tasks = typeof tasks extends fc.Arbitrary<infer Value> ? Value : never

function yaml(plan: Tasks): string {
  const lines = plan.map(({ module, name, letter, notify }, index) =>
    [
      `    - name: t${index}`,
      `      ${module}: {name: ${name}, letter: ${letter}}`,
      ...(notify ? ['      notify: handler'] : []),
    ].join('\n'),
  )
  return `
- hosts: all
  tasks:
${lines.join('\n')}
  handlers:
    - {name: handler, edit: {name: a, letter: h}}
`
}

describe('look-ahead on a machine in memory that changes underneath', () => {
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

  const on = (target: FakeTarget) => ({ modules, target: () => target })
  const machine = (): FakeTarget => new FakeTarget({ a: '-', b: '-', c: '-' })

  function essence({ tasks: done, exitCode }: Rehearsed): unknown {
    return [exitCode, ...done.map(({ task: name, status, changes }) => ({ name, status, changes }))]
  }

  it('produces the events and the state of a run without look-ahead if services and packages write', async () => {
    await fc.assert(
      fc.asyncProperty(tasks, async (plan) => {
        const [ahead, sequential] = [machine(), machine()]
        for (const round of [1, 2]) {
          const run = await one.run(yaml(plan), on(ahead))
          const same = await other.run(yaml(plan), { ...on(sequential), lookAhead: false })
          expect(essence(run), `round ${round}`).to.deep.equal(essence(same))
          expect([...ahead.things]).to.deep.equal([...sequential.things])
        }
      }),
      { numRuns: 150 },
    )
  }).timeout(60_000)

  it('produces them also if a person writes just before a task does', async () => {
    const letter = fc.constantFrom('x', 'y', 'z')
    const visit = fc.record({
      before: fc.record({ name: listName, letter: taskLetter }),
      name: listName,
      letter,
    })
    await fc.assert(
      fc.asyncProperty(tasks, fc.array(visit, { maxLength: 8 }), async (plan, visits) => {
        const [ahead, sequential] = [machine(), machine()]
        for (const target of [ahead, sequential]) {
          const left = new Set(visits)
          target.meanwhile = (line) => {
            for (const one of left) {
              if (!line.startsWith(`swap ${one.before.name} `) || !line.endsWith(one.before.letter)) continue
              left.delete(one)
              target.things.set(one.name, `${target.things.get(one.name) ?? ''}${one.letter}`)
            }
          }
        }
        const run = await one.run(yaml(plan), on(ahead))
        const same = await other.run(yaml(plan), { ...on(sequential), lookAhead: false })
        expect(essence(run)).to.deep.equal(essence(same))
        expect([...ahead.things]).to.deep.equal([...sequential.things])
      }),
      { numRuns: 150 },
    )
  }).timeout(60_000)

  it('loses no letter of two runs at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(edits, edits, async (plan, otherPlan) => {
        const target = machine()
        const runs = await Promise.all([
          one.run(yaml(plan), on(target)),
          other.run(yaml(otherPlan), on(target)),
        ])
        for (const [index, { tasks: done }] of runs.entries())
          for (const { task: name, status } of done) {
            const { module, name: of, letter } = (index === 0 ? plan : otherPlan)[Number(name.slice(1))] ?? {}
            if (module === 'edit' && status !== 'failed')
              expect(target.things.get(of ?? '')).to.include(letter)
          }
      }),
      { numRuns: 150 },
    )
  }).timeout(60_000)
})

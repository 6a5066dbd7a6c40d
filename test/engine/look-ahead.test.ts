import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import type { RunEvent } from '../../src/engine/event.ts'
import { Rehearsal, type Rehearsed } from './rehearsal.ts'

/** Tasks that affect each other: few names, many ways to write them. */
const name = fc.constantFrom('a', 'b', 'dir/c', 'dir')
const text = fc.constantFrom('1', '2', '1\\n2')
const task = fc.oneof(
  fc.tuple(name, text).map(([to, content]) => `copy: {dest: "<%= folder %>/x/${to}", content: "${content}"}`),
  fc
    .tuple(name, fc.constantFrom('0644', '0600'))
    .map(([to, mode]) => `file: {path: "<%= folder %>/x/${to}", mode: "${mode}", state: directory}`),
  name.map((to) => `file: {path: "<%= folder %>/x/${to}", state: absent}`),
  fc
    .tuple(name, name)
    .map(([from, to]) => `file: {src: "${from}", dest: "<%= folder %>/x/${to}", state: link, force: true}`),
  fc
    .tuple(name, text)
    .map(([to, content]) => `lineinfile: {path: "<%= folder %>/x/${to}", line: "${content[0] ?? ''}"}`),
  name.map((to) => `shell: 'echo 1 >>"$X/${to}"'`),
  name.map((to) => `stat: {path: "<%= folder %>/x/${to}"}`),
)

interface Play {
  readonly tasks: readonly {
    readonly what: string
    readonly register: boolean
    readonly when: number
    readonly notify: boolean
  }[]
}

const play: fc.Arbitrary<Play> = fc.record({
  tasks: fc.array(
    fc.record({
      what: task,
      register: fc.boolean(),
      when: fc.integer({ min: 0, max: 5 }),
      notify: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  ),
})

function yaml({ tasks }: Play): string {
  const lines = tasks.map(({ what, register, when, notify }, index) => {
    const before = tasks.slice(0, index).findLastIndex((other) => other.register)
    return [
      `    - name: t${index}`,
      `      ${what}`,
      '      ignore_errors: true',
      '      environment: {X: "<%= folder %>/x"}',
      ...(register ? [`      register: r${index}`] : []),
      ...(when === 0 && before >= 0 ? [`      when: r${before}.changed`] : []),
      ...(notify ? ['      notify: handler'] : []),
    ].join('\n')
  })
  return `
- hosts: all
  tasks:
    - {name: folder, file: {path: "<%= folder %>/x", state: directory}}
${lines.join('\n')}
  handlers:
    - {name: handler, shell: 'echo handled >>"$X/../log"', environment: {X: "<%= folder %>/x"}}
`
}

/** The parts of a run that must be equal: all but the duration and the names of folders. */
function essence(run: Rehearsed, folder: string): unknown {
  const events = run.events.filter((event: RunEvent) => event.event !== 'busy')
  const comparable = JSON.stringify(events, (key, value: unknown) =>
    key === 'seconds' || key === 'inode' || key === 'mtime' ? undefined : value,
  )
  const inScripts = JSON.stringify(folder.replaceAll("'", `'\\''`)).slice(1, -1)
  const inComplaintsOfCoreutils = JSON.stringify(folder.replaceAll("'", "\\'")).slice(1, -1)
  // Errors of a shell contain the name of the session's directory, which differs each time.
  return JSON.parse(
    comparable
      .replaceAll(folder, 'FOLDER')
      .replaceAll(inScripts, 'FOLDER')
      .replaceAll(inComplaintsOfCoreutils, 'FOLDER')
      .replaceAll(/hostwright-\w+\/[\w.]+/g, 'SESSION'),
  )
}

function tree(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.parentPath.includes('.state'))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const content = entry.isFile() ? readFileSync(path, 'utf8') : ''
        const mode = entry.isSymbolicLink() ? 'link' : statSync(path).mode.toString(8)
        return [path.slice(folder.length), `${mode} ${content}`]
      }),
  )
}

describe('look-ahead', () => {
  it('produces the same events and files as a run without look-ahead', async () => {
    await fc.assert(
      fc.asyncProperty(play, async (plan) => {
        const [ahead, sequential] = [new Rehearsal(), new Rehearsal()]
        try {
          // The second run changes little, and therefore looks further ahead.
          for (const round of [1, 2]) {
            const one = await ahead.run(yaml(plan))
            const other = await sequential.run(yaml(plan), { lookAhead: false })
            expect(essence(one, ahead.folder), `round ${round}`).to.deep.equal(
              essence(other, sequential.folder),
            )
            expect(tree(ahead.folder)).to.deep.equal(tree(sequential.folder))
          }
        } finally {
          ahead.remove()
          sequential.remove()
        }
      }),
      { numRuns: 15, endOnFailure: true },
    )
  }).timeout(120_000)

  it('predicts the changes of the real run in a dry run, except for unknown results', async () => {
    await fc.assert(
      fc.asyncProperty(play, async (plan) => {
        const rehearsal = new Rehearsal()
        try {
          const before = tree(rehearsal.folder)
          const dry = await rehearsal.run(yaml(plan), { check: true })
          expect(Object.keys(tree(rehearsal.folder)).filter((path) => path !== '/play.yml')).to.deep.equal(
            Object.keys(before),
          )
          const real = await rehearsal.run(yaml(plan))
          for (const predicted of dry.tasks.filter(
            ({ status, handler }) => status !== 'unknown' && handler !== true,
          )) {
            const done = real.tasks.find((other) => other.task === predicted.task)
            if (predicted.module === 'shell' && done?.status === 'failed') continue
            expect([predicted.task, predicted.status]).to.deep.equal([done?.task, done?.status])
          }
        } finally {
          rehearsal.remove()
        }
      }),
      { numRuns: 15, endOnFailure: true },
    )
  }).timeout(120_000)

  it('reads ahead for an include unless it is skipped', async () => {
    const rehearsal = new Rehearsal()
    rehearsal.write('left-out.yml', '- stat: {path: /left-out}\n')
    rehearsal.write('taken.yml', '- stat: {path: /taken}\n')
    try {
      const { batches } = await rehearsal.run(`
- hosts: all
  tasks:
    - stat: {path: /first}
    - {include_tasks: left-out.yml, when: false}
    - {include_tasks: taken.yml, when: true}
    - stat: {path: /last}
`)
      const asked = batches.map(({ scripts }) => scripts.map(({ text }) => text).join())
      const [first] = asked.filter((text) => text.includes('/first'))
      expect(first).to.include('/taken').and.include('/last')
      expect(asked.join()).not.to.include('/left-out')
    } finally {
      rehearsal.remove()
    }
  })
})

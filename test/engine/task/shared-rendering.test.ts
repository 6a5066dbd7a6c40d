import { expect } from 'chai'
import * as z from 'zod'

import { defineModule, type AnyAction, type AnyModule } from '../../../src/modules/definition/module.ts'
import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed } from '../rehearsal.ts'

describe('What a task is rendered to', () => {
  let rehearsal: Rehearsal
  let rendered: string[]
  let modules: ReadonlyMap<string, AnyModule | AnyAction>

  beforeEach(() => {
    rehearsal = new Rehearsal()
    rendered = []
    /** Tells its text, and writes down each rendering. */
    const tell = defineModule<{ text: string }, Record<string, never>>({
      name: 'tell',
      summary: 'Tell a text',
      params: z.object({ text: z.coerce.string() }),
      reads: ({ text }) => {
        rendered.push(text)
        return {}
      },
      diff: () => [],
      apply: () => [],
      result: ({ params }) => ({ msg: params.text }),
    })
    modules = new Map([...fakeModules, ['tell', tell]])
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const hosts = ['a', 'b', 'c', 'd']

  function run(tasks: string, vars: Readonly<Record<string, unknown>> = {}): Promise<Rehearsed> {
    const play = `- hosts: all\n  vars: {inner: "<%= word + '!' %>"}\n  tasks:\n${tasks}`
    return rehearsal.run(play, {
      ...{ hosts, vars: { word: 'hello', ...vars }, modules },
      target: () => new FakeTarget(),
    })
  }

  const told = ({ tasks }: Rehearsed): string[] =>
    tasks.filter(({ module }) => module === 'tell').map(({ host, msg }) => `${host} ${msg}`)

  it('is shared by hosts for which its variables are the same', async () => {
    const result = await run(`    - tell: {text: "<%= inner %>"}\n`)
    expect(told(result)).to.have.members(['a hello!', 'b hello!', 'c hello!', 'd hello!'])
    expect(rendered).to.deep.equal(['hello!'])
  })

  it('is each host’s own where a variable is its own, directly or within another one', async () => {
    const result = await run(
      `    - tell: {text: "<%= inventory_hostname %>"}\n` +
        `    - tell: {text: "<%= outer %>"}\n      vars: {outer: "in <%= inventory_hostname %>"}\n`,
    )
    const own = hosts.flatMap((host) => [`${host} ${host}`, `${host} in ${host}`])
    expect(told(result)).to.have.members(own)
  })

  it('depends on conditions', async () => {
    const result = await run(
      `    - tell: {text: x}\n      when: inventory_hostname === 'b'\n    - tell: {text: "<%= inner %>"}\n`,
    )
    const statuses = result.tasks.map(({ host, status }) => `${host} ${status}`)
    expect(statuses.slice(0, 4)).to.have.members(['a skipped', 'b ok', 'c skipped', 'd skipped'])
  })

  it('depends on what hosts have registered and set', async () => {
    const result = await run(
      [
        `- set_fact: {word: "of <%= inventory_hostname %>"}`,
        `  when: inventory_hostname !== 'c'`,
        `- tell: {text: "<%= inner %>"}`,
        `- {look: {name: x}, register: seen, when: "inventory_hostname === 'd'"}`,
        `- tell: {text: "<%= seen.skipped %>"}`,
        `- tell: {text: "<%= hostvars.d.word %>"}`,
        '',
      ]
        .map((line) => `    ${line}`)
        .join('\n'),
    )
    expect(told(result)).to.have.members([
      ...['a of a!', 'b of b!', 'c hello!', 'd of d!'],
      ...['a true', 'b true', 'c true', 'd false'],
      ...hosts.map((host) => `${host} of d`),
    ])
  })

  it('is made for each host where chance or the time are asked', async () => {
    for (const expression of ['Math.random()', 'Date.now()', 'new Date().getTime()', 'Math["random"]()']) {
      rendered = []
      await run(`    - tell: {text: "<%= [${expression.replaceAll('"', "'")}, word][1] %>"}\n`)
      expect(rendered.length, expression).to.be.at.least(hosts.length)
    }
    rendered = []
    await run(`    - tell: {text: "<%= Math.max(1, 2) %>"}\n`)
    expect(rendered).to.deep.equal(['2'])
  })

  it('follows a template that an earlier play has changed', async () => {
    rehearsal.write('templates/word.ejs', 'one <%= word %>')
    const result = await rehearsal.run(
      `
- hosts: all
  tasks:
    - copy: {content: two, dest: "<%= folder %>/templates/word.ejs"}
- hosts: all
  tasks:
    - template: {src: word.ejs, dest: "<%= folder %>/made"}
    - {command: {argv: [cat, "<%= folder %>/made"]}, register: made}
    - debug: {msg: "<%= made.stdout %>"}
`,
      { vars: { word: 'x' } },
    )
    expect(result.tasks.at(-1)?.msg).to.equal('two')
  })
})

import { expect } from 'chai'
import * as z from 'zod'

import { defineModule, type AnyAction, type AnyModule } from '../../../src/modules/definition/module.ts'
import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed } from '../rehearsal.ts'

describe('SharedRendering', () => {
  let rehearsal: Rehearsal
  let rendered: string[]
  let modules: ReadonlyMap<string, AnyModule | AnyAction>

  beforeEach(() => {
    rehearsal = new Rehearsal()
    rendered = []
    /** Returns its text, and records each rendering. */
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

  it('shares a rendering between hosts with the same variables', async () => {
    const result = await run(`    - tell: {text: "<%= inner %>"}\n`)
    expect(told(result)).to.have.members(['a hello!', 'b hello!', 'c hello!', 'd hello!'])
    expect(rendered).to.deep.equal(['hello!'])
  })

  it('renders for each host if a variable differs, directly or inside another one', async () => {
    const result = await run(
      `    - tell: {text: "<%= inventory_hostname %>"}\n` +
        `    - tell: {text: "<%= outer %>"}\n      vars: {outer: "in <%= inventory_hostname %>"}\n`,
    )
    const own = hosts.flatMap((host) => [`${host} ${host}`, `${host} in ${host}`])
    expect(told(result)).to.have.members(own)
  })

  it('shares the rendered items of a loop between hosts with the same variables', async () => {
    const result = await run(`    - tell: {text: "<%= String(item) + inner %>"}\n      loop: [1, 2]\n`)
    expect(told(result)).to.have.length(hosts.length)
    expect(rendered).to.deep.equal(['1hello!', '2hello!'])
  })

  it('renders the items of a loop for each host if a variable or the list differs', async () => {
    await run(
      `    - tell: {text: "<%= String(item) + inventory_hostname %>"}\n      loop: [1]\n` +
        `    - tell: {text: "<%= item %>"}\n      loop: ["<%= 'of ' + inventory_hostname %>"]\n` +
        `    - tell: {text: "<%= inner + String(index) %>"}\n      loop: [x, y]\n      loop_control: {index_var: index}\n` +
        `      when: index === 0 || inventory_hostname === 'b'\n`,
    )
    const expected = hosts.flatMap((host) => [`1${host}`, `of ${host}`, 'hello!0'])
    expect(rendered).to.include.members(expected).and.to.include('hello!1')
  })

  it('renders an item again if a variable with the name of the loop variable is read outside of the loop', async () => {
    const result = await run(
      `    - set_fact: {word: "<%= inventory_hostname %>"}\n` +
        `    - tell: {text: "<%= word %>"}\n      loop: ["<%= word %>"]\n      loop_control: {loop_var: word}\n`,
    )
    expect(rendered).to.have.members(hosts)
    expect(result.exitCode).to.equal(0)
  })

  it('shares no rendering between hosts whose conditions differ', async () => {
    const result = await run(
      `    - tell: {text: x}\n      when: inventory_hostname === 'b'\n    - tell: {text: "<%= inner %>"}\n`,
    )
    const statuses = result.tasks.map(({ host, status }) => `${host} ${status}`)
    expect(statuses.slice(0, 4)).to.have.members(['a skipped', 'b ok', 'c skipped', 'd skipped'])
  })

  it('shares no rendering between hosts with different registered or set variables', async () => {
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

  it('renders for each host if the template uses random values or the time', async () => {
    for (const expression of ['Math.random()', 'Date.now()', 'new Date().getTime()', 'Math["random"]()']) {
      rendered = []
      await run(`    - tell: {text: "<%= [${expression.replaceAll('"', "'")}, word][1] %>"}\n`)
      expect(rendered.length, expression).to.be.at.least(hosts.length)
    }
    rendered = []
    await run(`    - tell: {text: "<%= Math.max(1, 2) %>"}\n`)
    expect(rendered).to.deep.equal(['2'])
  })

  it('renders again after an earlier play changed the template', async () => {
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

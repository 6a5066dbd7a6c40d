import { expect } from 'chai'

import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed, type RehearsalOptions } from '../rehearsal.ts'

describe('an include at run time', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
    rehearsal.write('one.yml', '- {name: one, debug: {msg: "one <%= item %>"}}\n')
    rehearsal.write('two.yml', '- {name: two, debug: {msg: "two <%= item %>"}}\n')
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const run = (tasks: string, options: RehearsalOptions = {}): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n  vars: {item: nothing}\n  tasks:\n${tasks}`, {
      modules: fakeModules,
      target: () => new FakeTarget(),
      hosts: ['a', 'b', 'c'],
      ...options,
    })
  const said = ({ tasks }: Rehearsed): string[] => tasks.map(({ host, msg }) => `${host} ${msg}`)

  it('runs on all hosts together that load the same file', async () => {
    const file = `<%= inventory_hostname === 'b' ? 'two' : 'one' %>.yml`
    expect(said(await run(`    - include_tasks: "${file}"\n`))).to.deep.equal([
      'a one nothing',
      'c one nothing',
      'b two nothing',
    ])
  })

  it('runs once for each item, with its own variables, and restores them afterwards', async () => {
    const tasks = `
    - include_tasks: one.yml
      loop: "<%= inventory_hostname === 'a' ? ['x', 'y'] : ['y'] %>"
    - {name: after, debug: {msg: "<%= item %>"}}
`
    expect(said(await run(tasks, { hosts: ['a', 'b'] }))).to.deep.equal([
      'a one x',
      'a one y',
      'b one y',
      'a nothing',
      'b nothing',
    ])
  })

  it('skips the items whose condition is false', async () => {
    const tasks = `    - include_tasks: one.yml\n      loop: [x, y, z]\n      when: item !== 'y'\n`
    expect(said(await run(tasks, { hosts: ['a'] }))).to.deep.equal(['a one x', 'a one z'])
  })

  it('fails a host before the first item if a file is missing, and continues on the others', async () => {
    const tasks = `
    - name: include
      include_tasks: "<%= item %>.yml"
      loop: "<%= inventory_hostname === 'b' ? ['one', 'missing'] : ['one'] %>"
    - {name: after, debug: {msg: after}}
`
    const rehearsed = await run(tasks)
    const [failed, ...others] = rehearsed.tasks
    expect(failed).to.include({ host: 'b', task: 'include', status: 'failed' })
    expect(failed?.msg).to.include('missing.yml')
    expect(others.map(({ host, msg }) => `${host} ${msg}`)).to.deep.equal([
      'a one one',
      'c one one',
      'a after',
      'c after',
    ])
  })

  const ahead: [keywords: string, isRead: boolean][] = [
    ['', true],
    ['when: true', true],
    ['when: [true, false]', false],
    ['when: [false, true]', false],
    ["when: asked.value === 'absent'", true],
    ["when: [asked.value === 'absent', false]", true],
    ['when: given.number.of.things', true],
    ['loop: [x, y]', true],
    ["loop: [x, y], when: item !== 'nothing'", true],
    ["when: item !== 'nothing'", false],
    ["loop: [x, y], when: item !== 'x'", true],
    ["loop: [x, y], when: item !== 'y'", true],
    ["loop: [x, y], when: item === 'nothing'", false],
    ["loop: '<%= asked.list %>'", true],
    ['loop: []', false],
  ]
  for (const [keywords, isRead] of ahead)
    it(`${isRead ? 'reads' : 'does not read'} ahead for the tasks of an include with '${keywords}'`, async () => {
      const target = new FakeTarget()
      rehearsal.write('look.yml', '- {look: {name: b}}\n')
      const tasks = `
    - {set_fact: {given: {number: 1}}}
    - {look: {name: a}, register: asked}
    - {include_tasks: look.yml${keywords === '' ? '' : `, ${keywords}`}}
`
      await run(tasks, { hosts: ['a'], target: () => target })
      const [first] = target.ran.filter((text) => text.startsWith('get '))
      expect(first).to.equal(isRead ? 'get a\nget b' : 'get a')
    })

  it('reports a wrong condition of an include when the include runs', async () => {
    const tasks = `
    - {set_fact: {given: {number: 1}}}
    - {look: {name: a}}
    - {name: include, include_tasks: one.yml, when: given.number.of.things}
`
    const { tasks: done } = await run(tasks, { hosts: ['a'] })
    expect(done.map(({ task, status }) => `${task}: ${status}`).slice(2)).to.deep.equal(['include: failed'])
  })
})

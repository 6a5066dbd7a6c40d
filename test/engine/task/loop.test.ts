import { expect } from 'chai'

import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed } from '../rehearsal.ts'

describe('the loop of a task', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const run = (task: string): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n  vars: {item: outside}\n  tasks:\n${task}`, {
      modules: fakeModules,
      target: () => new FakeTarget(),
    })
  const items = ({ tasks }: Rehearsed) => (tasks[0]?.items ?? []).map(({ item, msg }) => [item, msg])

  it('sets the variables that loop_control names, and counts from zero', async () => {
    const task = `
    - debug: {msg: "<%= index %> <%= one %> <%= item %>"}
      loop: [x, y]
      loop_control: {loop_var: one, index_var: index, label: "no <%= index %>"}
`
    expect(items(await run(task))).to.deep.equal([
      ['no 0', '0 x outside'],
      ['no 1', '1 y outside'],
    ])
  })

  it('flattens the lists of with_items by one level, but not those of loop', async () => {
    const task = (keyword: string) => `
    - debug: {msg: "<%= JSON.stringify(item) %>"}
      ${keyword}: [[1, [2]], 3]
`
    expect(items(await run(task('with_items'))).map(([, msg]) => msg)).to.deep.equal(['1', '[2]', '3'])
    expect(items(await run(task('loop'))).map(([, msg]) => msg)).to.deep.equal(['[1,[2]]', '3'])
  })

  it('fails a task whose loop is not a list, with the position and the value', async () => {
    const { tasks } = await run(`
    - set_fact: {names: text}
    - {name: loops, debug: {msg: x}, loop: "<%= names %>"}
`)
    expect(tasks[1]).to.include({ task: 'loops', status: 'failed' })
    expect(tasks[1]?.msg).to.match(/play\.yml:6:\d+: the loop must be a list, not "text"/)
  })
})

import { expect } from 'chai'

import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed } from '../rehearsal.ts'

describe('the memory for the results of a loop', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  /** Runs tasks on a host whose thing `big` takes 15 of the 64 MB that a host may keep, as an answer and again as a result. */
  const run = (tasks: string): Promise<Rehearsed> => {
    const target = new FakeTarget({ big: 'x'.repeat(15 * 1024 * 1024), small: 'x' })
    return rehearsal.run(`- hosts: all\n  tasks:\n${tasks}`, { modules: fakeModules, target: () => target })
  }
  const tooMuch = /exceed 64 MB/

  it('fails only the items of a registered loop that do not fit in memory together', async () => {
    const { tasks } = await run(`
    - {look: {name: "<%= item %>"}, loop: [big, big, big, big, small], register: seen, ignore_errors: true}
    - {debug: {msg: "<%= seen.results.map((one) => one.failed ? one.msg : one.value.length).join('; ') %>"}}
`)
    expect(tasks[0]?.msg).to.match(tooMuch)
    const said = tasks[1]?.msg.split(';') ?? []
    expect(said).to.have.length(5)
    expect(said.slice(0, 3).map(Number)).to.deep.equal(Array(3).fill(15 * 1024 * 1024))
    expect(said[3]).to.match(tooMuch)
    expect(Number(said[4])).to.equal(1)
  })

  it('frees the results of a loop that is not registered', async () => {
    const { tasks } = await run(`
    - {look: {name: "<%= item %>"}, loop: [big, big, big]}
    - {look: {name: big}, register: seen}
`)
    expect(tasks.map(({ status }) => status)).to.deep.equal(['ok', 'ok'])
  })

  it('keeps the status of an item that does not fit if the loop is not registered', async () => {
    const { tasks } = await run('    - {look: {name: "<%= item %>"}, loop: [big, big, big, big]}\n')
    expect(tasks.map(({ status }) => status)).to.deep.equal(['ok'])
  })

  it('counts the results of a registered loop together with those of other tasks', async () => {
    const { tasks } = await run(`
    - {look: {name: big}, loop: [1, 2], register: seen}
    - {look: {name: big}, register: other}
    - {look: {name: big}, register: further}
`)
    expect(tasks.map(({ status }) => status)).to.deep.equal(['ok', 'ok', 'failed'])
    expect(tasks[2]?.msg).to.match(tooMuch)
  })
})

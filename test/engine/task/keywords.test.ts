import { expect } from 'chai'

import { fakeModules } from '../fake-modules.ts'
import { FakeTarget, scriptOf } from '../fake-target.ts'
import { Rehearsal, type Rehearsed, type RehearsalOptions } from '../rehearsal.ts'

describe('the keywords of a task', () => {
  let rehearsal: Rehearsal
  let target: FakeTarget
  beforeEach(() => {
    rehearsal = new Rehearsal()
    target = new FakeTarget()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const run = (tasks: string, options: RehearsalOptions = {}): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n  tasks:\n${tasks}`, {
      modules: fakeModules,
      target: () => target,
      ...options,
    })

  const users: [keywords: string, vars: Record<string, unknown>, user: string | undefined][] = [
    ['', {}, undefined],
    [', become: true', {}, 'root'],
    [', become: true, become_user: app', {}, 'app'],
    [', become: true', { ansible_become_user: 'web' }, 'web'],
    [', become: true, become_user: app', { ansible_become_user: 'web' }, 'app'],
    ['', { ansible_become: true }, 'root'],
    [', become: false', { ansible_become: true, ansible_become_user: 'web' }, undefined],
  ]
  for (const [keywords, vars, user] of users)
    it(`runs as ${user ?? 'the login user'} with '${keywords}' and ${JSON.stringify(vars)}`, async () => {
      const { batches } = await run(`    - {set: {name: a, value: x}${keywords}}\n`, {
        vars,
        lookAhead: false,
      })
      const changing = batches.find(({ scripts }) => scripts.some(({ text }) => text.includes('set a x')))
      expect(changing?.user).to.equal(user)
    })

  it('rejects ansible_become if it is neither true nor false, with the position of the task', async () => {
    const task = '    - {set: {name: a, value: x}}\n'
    const error: unknown = await run(task, { vars: { ansible_become: 'maybe' } }).catch((it: unknown) => it)
    expect(String(error)).to.match(/play\.yml:3:\d+: become must be true or false, not "maybe"/)
    expect(target.batches).to.deep.equal([])
    const setEarlier = await run(`    - {set_fact: {ansible_become: maybe}}\n${task}`)
    expect(setEarlier.tasks.map(({ status }) => status)).to.deep.equal(['ok', 'failed'])
    expect(setEarlier.tasks[1]?.msg).to.match(/play\.yml:4:\d+: become must be true or false, not "maybe"/)
  })

  it('does not render the value of ansible_become_user again', async () => {
    const { batches } = await run(`
    - set_fact: {ansible_become_user: "<%= '<' + '%= 1 %' + '>' %>"}
    - {set: {name: a, value: x}, become: true}
`)
    expect(batches.at(-1)?.user).to.equal('<%= 1 %>')
  })

  const lists: [keywords: string, status: string][] = [
    ['changed_when: [true, true]', 'changed'],
    ['changed_when: [true, false]', 'ok'],
    ['changed_when: [false, true]', 'ok'],
    ['failed_when: [true, true]', 'failed'],
    ['failed_when: [true, false]', 'ok'],
    ['until: [true, false], retries: 1, delay: 0', 'failed'],
    ['until: [true, true], retries: 1, delay: 0', 'ok'],
    ['when: [true, false]', 'skipped'],
    ['when: [true, true]', 'ok'],
  ]
  for (const [keywords, status] of lists)
    it(`returns ${status} with '${keywords}'`, async () => {
      const { tasks } = await run(`    - {look: {name: a}, ${keywords}}\n`)
      expect(tasks.map((task) => task.status)).to.deep.equal([status])
    })

  it('reports the first false condition of a skipped task', async () => {
    const { tasks } = await run('    - {look: {name: a}, when: [true, 1 > 2, 2 > 3]}\n')
    expect(tasks[0]).to.include({ status: 'skipped', msg: 'not: 1 > 2' })
  })

  it('retries as often as retries says, and then reports the condition', async () => {
    const { tasks } = await run(`
    - {append: {name: a, value: x}, register: done, until: false, retries: 2, delay: 0}
`)
    expect(tasks[0]).to.include({ status: 'failed', msg: 'condition still false after 3 attempts: false' })
    expect(target.things.get('a')).to.equal('xxx')
  })

  it('reads again for each retry', async () => {
    let reads = 0
    target.on(scriptOf('get door'), () => ({ stdout: (reads += 1) < 3 ? 'open\n' : 'shut\n' }))
    const { tasks } = await run(`
    - {look: {name: door}, register: door, until: door.value === 'shut', retries: 5, delay: 0}
`)
    expect(tasks.map(({ status }) => status)).to.deep.equal(['ok'])
    expect(reads).to.equal(3)
  })

  it('keeps the reason of the last failure after all retries', async () => {
    const { tasks } = await run('    - {fail: {msg: broken}, until: false, retries: 1, delay: 0}\n')
    expect(tasks[0]?.msg).to.equal('broken (condition still false after 2 attempts: false)')
  })

  it('skips a loop over an empty list', async () => {
    const { tasks } = await run(`
    - {set: {name: a, value: x}, loop: []}
    - {set: {name: "<%= item %>", value: x}, loop: [b, c]}
`)
    expect(tasks.map(({ status, msg }) => `${status}: ${msg}`)).to.deep.equal([
      'skipped: nothing to loop over',
      'changed: ',
    ])
  })

  for (const check of [true, false])
    it(`shows the scripts of a task with --show-commands${check ? ' in a dry run' : ''}`, async () => {
      const play = '    - {set: {name: a, value: x}, become: true}\n    - {look: {name: a}}\n'
      const { events } = await run(play, { showCommands: true, check })
      const shown = events.filter(({ event }) => event === 'commands')
      expect(shown).to.deep.equal([
        { event: 'commands', host: 'here', task: 'set', user: 'root', scripts: ['set a x'] },
      ])
      const quiet = await run(play, { check })
      expect(quiet.events.filter(({ event }) => event === 'commands')).to.deep.equal([])
    })

  it('reports the position of a wrong condition in assert', async () => {
    const play = `
    - assert:
        that:
          - 1 === 1
          - nmae === 1
    - assert:
        that: nmae === 2
`
    const refused = rehearsal.run(`- hosts: all\n  tasks:${play}`, { target: () => target })
    const { message } = await refused.then(
      () => new Error('nothing was wrong'),
      (error: unknown) => error as Error,
    )
    expect(message.match(/:\d+:\d+: 'nmae' is not defined/g)).to.deep.equal([
      ":6:13: 'nmae' is not defined",
      ":8:15: 'nmae' is not defined",
    ])
  })

  it('reads notified handlers of an earlier run in the same batch as the tasks', async () => {
    target.things.set('a', 'x')
    const { batches } = await run(`
    - {set: {name: a, value: x}, notify: ring}
  handlers:
    - {name: ring, set: {name: bell, value: rung}}
`)
    expect(batches).to.have.length(1)
  })

  it('reads ahead for the tasks of an include', async () => {
    rehearsal.write('more.yml', '- {look: {name: b}}\n- {look: {name: c}}\n')
    const play = '    - {look: {name: a}}\n    - include_tasks: more.yml\n    - {look: {name: d}}\n'
    const { batches } = await run(play)
    const reading = batches.filter(({ scripts }) => scripts.some(({ text }) => text.includes('get ')))
    expect(reading).to.have.length(1)
    for (const name of ['a', 'b', 'c', 'd']) expect(reading[0]?.scripts[0]?.text).to.include(`get ${name}`)
  })
})

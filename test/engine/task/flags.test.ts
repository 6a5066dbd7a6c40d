import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../../src/errors.ts'
import type { Target } from '../../../src/target/target.ts'
import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type Rehearsed, type RehearsalOptions } from '../rehearsal.ts'

describe('a keyword that is rendered for each host', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const run = (tasks: string, options: RehearsalOptions = {}): Promise<Rehearsed> =>
    rehearsal.run(`- hosts: all\n  tasks:\n${tasks}`, {
      hosts: ['a', 'b'],
      modules: fakeModules,
      target: () => new FakeTarget(),
      ...options,
    })

  const said = (rehearsed: Rehearsed): string[] =>
    rehearsed.tasks
      .filter(({ module }) => module !== 'set_fact')
      .map(({ host, task, status, msg, ignored }) =>
        [host, task, status, ...(ignored === true ? ['ignored'] : []), ...(msg === '' ? [] : [msg])].join(
          ' ',
        ),
      )

  const lost: Target = {
    name: 'a',
    run: () => Promise.reject(new ConnectionError('a', 'lost', 'a: the connection was lost')),
    close: () => Promise.resolve(),
  }

  const flags = ['become', 'check_mode', 'diff', 'ignore_errors', 'ignore_unreachable', 'no_log']

  describe('with a variable that an earlier task set', () => {
    const vary = (valueOnA: string): string => `
    - {set_fact: {given: "<%= inventory_hostname === 'a' ? ${valueOnA} : {flag: false, list: [1], number: 1} %>"}}
`
    const afterwards = '    - {name: after, debug: {msg: done}}\n'

    for (const flag of flags)
      it(`fails only the host for which ${flag} is neither true nor false`, async () => {
        const play = `${vary("{flag: 'maybe'}")}    - {name: flagged, set: {name: x, value: y}, ${flag}: "<%= given.flag %>"}\n${afterwards}`
        const rehearsed = await run(play)
        const [failed = '', ...rest] = said(rehearsed)
        expect(failed).to.match(
          new RegExp(`^a flagged failed .*/play.yml:5:\\d+: ${flag} must be true or false, not "maybe"`),
        )
        expect(rest).to.deep.equal(['b flagged changed', 'b after ok done'])
        expect(rehearsed.exitCode).to.equal(ExitCode.failed)
      })

    for (const keywords of [
      ...flags.map((flag) => `${flag}: "<%= given.flag %>"`),
      ...flags.map((flag) => `loop: [1], ${flag}: "<%= given.flag %>"`),
      'become: true, become_user: "<%= given.flag %>"',
      'environment: {A: "<%= given.flag %>"}',
      'changed_when: given.flag || true',
      'failed_when: given.flag',
      'when: "!given.flag"',
      'until: "!given.flag"',
      'loop: "<%= given.list %>"',
      'loop: [1], loop_control: {label: "<%= given.flag %>"}',
      'timeout: "<%= given.number %>"',
    ])
      it(`fails only the host for which a variable of '${keywords}' is undefined`, async () => {
        const play = `${vary('{}')}    - {name: flagged, set: {name: x, value: y}, ${keywords}}\n${afterwards}`
        const rehearsed = await run(play)
        const [failed = '', ...rest] = said(rehearsed)
        expect(failed).to.match(
          /^a flagged failed .*\/play.yml:5:\d+: 'given\.(flag|list|number)' is not defined/,
        )
        expect(rest).to.deep.equal(['b flagged changed', 'b after ok done'])
        expect(rehearsed.exitCode).to.equal(ExitCode.failed)
      })

    it('fails only the host for which a number is undefined, and retries on the others', async () => {
      const retried = '{set: {name: x, value: y}, until: false, delay: 0, retries: "<%= given.number %>"}'
      const [undefinedNumber = '', ...rest] = said(await run(`${vary('{}')}    - ${retried}\n`))
      expect(undefinedNumber).to.match(/^a set failed .* 'given\.number' is not defined/)
      expect(rest).to.deep.equal(['b set failed condition still false after 2 attempts: false'])
    })
  })

  it('fails only the host on which set_fact invalidates its own no_log, and does not report the facts', async () => {
    const play = `
    - {set_fact: {given: {flag: false}}}
    - {name: own, set_fact: {given: {flag: "<%= inventory_hostname === 'a' ? 'maybe' : true %>"}}, no_log: "<%= given.flag %>"}
    - {name: after, debug: {msg: done}}
`
    const { tasks, exitCode } = await run(play)
    const [failed, ...rest] = tasks.filter(({ task }) => task !== 'set_fact')
    expect(failed).to.include({ host: 'a', status: 'failed' })
    expect(failed?.msg).to.match(/play\.yml:5:\d+: no_log must be true or false, not "maybe"$/)
    expect(rest.map(({ host, status, msg }) => [host, status, msg])).to.deep.equal([
      ['b', 'ok', 'hidden by no_log'],
      ['b', 'ok', 'done'],
    ])
    expect(exitCode).to.equal(ExitCode.failed)
  })

  for (const [value, when] of [
    ['maybe', 'is invalid'],
    ['false', 'is false'],
  ] as const)
    it(`hides the result of a task whose no_log was true when it started and ${when} after set_fact`, async () => {
      const rehearsed = await run(
        `    - {name: own, set_fact: {hide: "${value}"}, loop: [hunter2], no_log: "<%= hide %>", failed_when: true}\n`,
        { vars: { hide: true }, hosts: ['a'] },
      )
      expect(rehearsed.tasks.map(({ status, msg }) => [status, msg])).to.deep.equal([
        ['failed', 'hidden by no_log'],
      ])
      expect(JSON.stringify(rehearsed.tasks)).to.not.include('hunter2')
    })

  it('keeps a failure ignored and hidden if another keyword of the task is invalid', async () => {
    const rehearsed = await run(`
    - {set_fact: {given: {}}}
    - {name: flagged, set: {name: x, value: "<%= given.value %>"}, ignore_errors: true, no_log: true}
`)
    expect(said(rehearsed)).to.deep.equal([
      'a flagged failed ignored hidden by no_log',
      'b flagged failed ignored hidden by no_log',
    ])
    expect(rehearsed.exitCode).to.equal(ExitCode.done)
  })

  for (const flag of flags)
    it(`reports a task as unknown in a dry run that cannot know ${flag}`, async () => {
      const play = `
    - {append: {name: x, value: y}, register: appended}
    - {name: flagged, set: {name: z, value: y}, ${flag}: "<%= appended.rc === 0 %>"}
    - {name: after, debug: {msg: done}}
`
      const rehearsed = await run(play, { check: true, hosts: ['a'] })
      expect(said(rehearsed)).to.deep.equal([
        'a append changed',
        'a flagged unknown unknown (until y is appended to x)',
        'a after ok done',
      ])
      expect(rehearsed.exitCode).to.equal(ExitCode.done)
    })

  for (const flag of ['diff', 'ignore_errors', 'no_log'])
    it(`reports a possibly notified handler as unknown if ${flag} depends on facts`, async () => {
      const play = `
    - {append: {name: x, value: y}, register: appended}
    - {set: {name: z, value: y}, when: appended.rc === 0, notify: handler}
  handlers:
    - {name: handler, set: {name: h, value: y}, ${flag}: "<%= ansible_system === 'Linux' %>"}
`
      const rehearsed = await run(play, { check: true, hosts: ['a'] })
      expect(said(rehearsed).at(-1)).to.equal(
        'a handler unknown unknown (until it is known whether a task notifies the handler)',
      )
      expect(rehearsed.exitCode).to.equal(ExitCode.done)
    })

  for (const keywords of [
    'changed_when: FACT',
    'changed_when: FACT, loop: [1]',
    'check_mode: "<%= !(FACT) %>"',
    'environment: {A: "<%= FACT %>"}',
    'failed_when: "!(FACT)"',
    'timeout: "<%= FACT ? 60 : 0 %>"',
    'until: FACT',
  ])
    it(`gathers facts to evaluate '${keywords}'`, async () => {
      const play = `
- hosts: all
  tasks:
    - {name: flagged, command: "true", ${keywords.replace('FACT', "ansible_system === 'Linux'")}}
    - {name: after, debug: {msg: done}}
`
      const rehearsed = await rehearsal.run(play)
      expect(said(rehearsed)).to.deep.equal(['here flagged changed', 'here after ok done'])
    })

  it('fails the task if set_fact makes its own no_log depend on facts that were not gathered', async () => {
    const { tasks, exitCode } = await run(
      `    - {name: own, set_fact: {late: true}, no_log: "<%= late ? ansible_system === 'Linux' : false %>"}\n`,
      { vars: { late: false }, hosts: ['a'] },
    )
    expect(tasks.map(({ status }) => status)).to.deep.equal(['failed'])
    expect(tasks[0]?.msg).to.match(/facts/)
    expect(exitCode).to.equal(ExitCode.failed)
  })

  it('gathers facts to decide which user to become', async () => {
    const rehearsed = await rehearsal.run(`
- hosts: all
  tasks:
    - name: become
      command: id -un
      become: true
      vars: {ansible_become_user: "<%= ansible_system === 'Linux' ? 'nobody' : 'daemon' %>"}
`)
    const users = rehearsed.batches.flatMap(({ user }) => user ?? [])
    expect(users).to.include('nobody').and.to.not.include('root')
  })

  it('gathers facts for retries and delay', async () => {
    const { tasks } = await rehearsal.run(`
- hosts: all
  tasks:
    - shell: {cmd: "echo x >>log; cat log", chdir: "<%= folder %>"}
      register: log
      until: log.stdout_lines.length === 3
      retries: "<%= ansible_system === 'Linux' ? 2 : 0 %>"
      delay: "<%= ansible_system === 'Linux' ? 0 : 60 %>"
`)
    expect(tasks.map(({ status }) => status)).to.deep.equal(['changed'])
  })

  describe('with a host that becomes unreachable while its facts are gathered', () => {
    const facts = "<%= ansible_system === 'Linux' %>"
    const unreachable = ['a', 'b'].map((host) => `${host} flagged unreachable`)
    const runLost = (keywords: string): Promise<Rehearsed> =>
      run(`    - {name: flagged, set: {name: x, value: y}, ${keywords}}\n`, { target: () => lost })

    for (const flag of flags)
      it(`reports the host as unreachable if ${flag} depends on its facts`, async () => {
        const rehearsed = await runLost(`${flag}: "${facts}"`)
        expect(said(rehearsed)).to.deep.equal(unreachable.map((line) => `${line} a: the connection was lost`))
        expect(rehearsed.exitCode).to.equal(ExitCode.unreachable)
      })

    it('ignores the unreachable host if ignore_unreachable does not depend on its facts', async () => {
      const rehearsed = await runLost(`ignore_unreachable: true, no_log: "${facts}"`)
      expect(said(rehearsed)).to.deep.equal(
        unreachable.map((line) => `${line} ignored a: the connection was lost`),
      )
      expect(rehearsed.exitCode).to.equal(ExitCode.done)
    })

    for (const flag of ['diff', 'ignore_errors', 'no_log'])
      it(`fails the host whose ${flag} depends on the facts of the unreachable host`, async () => {
        const play = `
    - {name: flagged, set: {name: x, value: y}, when: inventory_hostname === 'b', ${flag}: "<%= hostvars.a.ansible_system === 'Linux' %>"}
    - {name: after, debug: {msg: done}}
`
        const target = (host: string): Target => (host === 'a' ? lost : new FakeTarget())
        const rehearsed = await run(play, { target })
        expect(said(rehearsed)).to.include(
          'b flagged failed could not gather the facts of a: a: the connection was lost',
        )
      })
  })
})

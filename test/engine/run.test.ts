import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { ConnectionError, ExitCode } from '../../src/errors.ts'
import type { Target } from '../../src/target/target.ts'
import { outcomes, Rehearsal, type Rehearsed } from './rehearsal.ts'

describe('runPlaybook', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const read = (name: string): string => readFileSync(join(rehearsal.folder, name), 'utf8')
  const has = (name: string): boolean => existsSync(join(rehearsal.folder, name))

  it('makes changes once, and changes nothing in the next run', async () => {
    const play = `
- hosts: all
  tasks:
    - {name: folder, file: {path: "<%= folder %>/site", state: directory, mode: "0750"}}
    - {name: page, copy: {dest: "<%= folder %>/site/index.html", content: "hello\\n"}}
`
    expect(outcomes(await rehearsal.run(play))).to.deep.equal(['folder: changed', 'page: changed'])
    expect(read('site/index.html')).to.equal('hello\n')
    const second = await rehearsal.run(play)
    expect(outcomes(second)).to.deep.equal(['folder: ok', 'page: ok'])
    expect(second.exitCode).to.equal(ExitCode.done)
  })

  it('reads for a whole play in one batch if nothing changes', async () => {
    const tasks = Array.from(
      { length: 40 },
      (_, index) =>
        `    - {name: t${index}, copy: {dest: "<%= folder %>/${index}.txt", content: "${index}"}}`,
    )
    const play = `- hosts: all\n  tasks:\n${tasks.join('\n')}\n`
    await rehearsal.run(play)
    const second = await rehearsal.run(play)
    expect(second.tasks.every((task) => task.status === 'ok')).to.equal(true)
    expect(second.batches).to.have.length(1)
    const sequential = await rehearsal.run(play, { lookAhead: false })
    expect(sequential.batches).to.have.length(40)
  })

  it('sends one batch for each changed task', async () => {
    const tasks = Array.from(
      { length: 10 },
      (_, index) =>
        `    - {name: t${index}, copy: {dest: "<%= folder %>/${index}.txt", content: "${index}"}}`,
    )
    const run = await rehearsal.run(`- hosts: all\n  tasks:\n${tasks.join('\n')}\n`)
    expect(run.tasks.every((task) => task.status === 'changed')).to.equal(true)
    expect(run.batches).to.have.length(11)
  })

  describe('dry run', () => {
    it('predicts in a dry run the changes of a real run, and writes nothing', async () => {
      const play = `
- hosts: all
  tasks:
    - {name: folder, file: {path: "<%= folder %>/site", state: directory}}
    - {name: page, copy: {dest: "<%= folder %>/site/index.html", content: "a\\n"}}
    - {name: line, lineinfile: {path: "<%= folder %>/site/index.html", line: b}}
    - {name: link, file: {src: index.html, dest: "<%= folder %>/site/start.html", state: link}}
`
      const dry = await rehearsal.run(play, { check: true })
      expect(readdirSync(rehearsal.folder)).to.deep.equal(['play.yml'])
      const real = await rehearsal.run(play)
      expect(outcomes(dry)).to.deep.equal(outcomes(real))
      expect(outcomes(real)).to.deep.equal([
        'folder: changed',
        'page: changed',
        'line: changed',
        'link: changed',
      ])
      expect(read('site/start.html')).to.equal('a\nb\n')
    })

    it('reports tasks as unknown that depend on a command or its output in a dry run', async () => {
      const play = `
- hosts: all
  tasks:
    - {name: command, command: "true", register: command}
    - {name: file, copy: {dest: "<%= folder %>/x", content: x}}
    - {name: output, debug: {msg: "<%= command.stdout %>"}}
    - {name: condition, debug: {msg: x}, when: "command.rc === 0"}
    - {name: changed, debug: {msg: x}, when: command.changed}
`
      const run = await rehearsal.run(play, { check: true })
      expect(outcomes(run)).to.deep.equal([
        'command: changed',
        'file: unknown',
        'output: unknown',
        'condition: unknown',
        'changed: ok',
      ])
      expect(run.tasks[1]?.msg).to.equal("unknown (until 'true' has run)")
      expect(run.exitCode).to.equal(ExitCode.done)
    })

    for (const output of ['rc', 'stdout', 'stderr', 'stdout_lines', 'stderr_lines'])
      it(`reports a task as unknown that depends on ${output} of a command in a dry run`, async () => {
        const play = `
- hosts: all
  tasks:
    - {name: command, command: "true", register: command}
    - {name: output, debug: {msg: "<%= command.${output} %>"}}
`
        const run = await rehearsal.run(play, { check: true })
        expect(outcomes(run)).to.deep.equal(['command: changed', 'output: unknown'])
      })

    it('reports an include and a meta task as unknown if a dry run cannot know their condition', async () => {
      rehearsal.write('more.yml', '- {name: included, debug: {msg: x}}\n')
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - {name: asks, command: "false", register: asked}
    - {name: include, include_tasks: more.yml, when: asked.rc === 1}
    - {name: ends, meta: end_host, when: asked.rc === 1}
    - {name: facts, meta: end_host, when: ansible_system === 'Hurd'}
    - {name: after, debug: {msg: x}}
`,
        { check: true },
      )
      expect(outcomes(run)).to.deep.equal(['asks: changed', 'include: unknown', 'ends: unknown', 'after: ok'])
    })

    it('runs a task with check_mode: false in a dry run, and only predicts one with check_mode: true in a real run', async () => {
      const play = `
- hosts: all
  tasks:
    - {name: probe, command: echo yes, check_mode: false, changed_when: false, register: probe}
    - {name: answer, debug: {msg: "<%= probe.stdout %>"}}
    - {name: never, copy: {dest: "<%= folder %>/never", content: x}, check_mode: true}
`
      const dry = await rehearsal.run(play, { check: true })
      expect(dry.tasks[1]?.msg).to.equal('yes')
      await rehearsal.run(play)
      expect(has('never')).to.equal(false)
    })
  })

  describe('handlers', () => {
    const play = (between = ''): string => `
- hosts: all
  tasks:
    - {name: one, copy: {dest: "<%= folder %>/one", content: "1"}, notify: [second, first]}
    - {name: two, copy: {dest: "<%= folder %>/two", content: "2"}, notify: everyone}
${between}
  handlers:
    - {name: first, shell: "echo first >>'<%= folder.replaceAll(\\"'\\", \\"'\\\\\\\\''\\") %>/log'"}
    - {name: second, shell: "echo second >>'<%= folder.replaceAll(\\"'\\", \\"'\\\\\\\\''\\") %>/log'", listen: everyone}
`

    it('runs each notified handler once, in the order of definition', async () => {
      const run = await rehearsal.run(play())
      expect(outcomes(run)).to.deep.equal([
        'one: changed',
        'two: changed',
        'first: changed',
        'second: changed',
      ])
      expect(read('log')).to.equal('first\nsecond\n')
      expect(outcomes(await rehearsal.run(play()))).to.deep.equal(['one: ok', 'two: ok'])
    })

    it('runs the last handler of a name, and that of a role if the name includes the role', async () => {
      for (const role of ['one', 'two']) {
        rehearsal.write(`roles/${role}/tasks/main.yml`, '[]\n')
        rehearsal.write(
          `roles/${role}/handlers/main.yml`,
          `- {name: told, listen: topic, debug: {msg: "${role}"}}\n`,
        )
      }
      const run = await rehearsal.run(`
- hosts: all
  roles: [one, two]
  tasks:
    - {command: "true", notify: told}
    - meta: flush_handlers
    - {command: "true", notify: "one : told"}
    - meta: flush_handlers
    - {command: "true", notify: topic}
`)
      const told = run.tasks.filter(({ handler }) => handler === true)
      expect(told.map(({ msg }) => msg)).to.deep.equal(['two', 'one', 'two'])
    })

    it('takes over the correct handler of an interrupted run if two have the same name', async () => {
      for (const role of ['one', 'two']) {
        rehearsal.write(`roles/${role}/tasks/main.yml`, '[]\n')
        rehearsal.write(`roles/${role}/handlers/main.yml`, `- {name: told, debug: {msg: "${role}"}}\n`)
      }
      const play = `
- hosts: all
  roles: [one, two]
  tasks:
    - {copy: {dest: "<%= folder %>/file", content: x}, notify: "one : told"}
    - {name: breaks, command: {argv: [test, -e, "<%= folder %>/mended"]}, changed_when: false}
`
      await rehearsal.run(play)
      rehearsal.write('mended', '')
      const second = await rehearsal.run(play)
      const told = second.tasks.filter(({ handler }) => handler === true)
      expect(told.map(({ msg }) => msg)).to.deep.equal(['one'])
    })

    it('runs the notified handlers of an interrupted run in the next run', async () => {
      const broken = await rehearsal.run(play('    - {name: fails, fail: {msg: no}}'))
      expect(broken.exitCode).to.equal(ExitCode.failed)
      expect(has('log')).to.equal(false)
      const recap = broken.events.find((event) => event.event === 'recap')
      expect(recap?.pending).to.deep.equal({ here: ['first', 'second'] })

      const next = await rehearsal.run(play())
      expect(outcomes(next)).to.deep.equal(['one: ok', 'two: ok', 'first: changed', 'second: changed'])
      expect(next.events.find((event) => event.event === 'pending')?.handlers).to.have.members([
        'first',
        'second',
      ])
      expect(outcomes(await rehearsal.run(play()))).to.deep.equal(['one: ok', 'two: ok'])
    })

    it('runs a notified handler in the next run if the connection is lost right after the change', async () => {
      /** Runs a batch up to the script that makes the change, and then loses the connection. */
      const breaking = (target: Target): Target => ({
        name: target.name,
        run: async (batch, signal) => {
          const change = batch.scripts.findIndex(({ attachments }) => attachments.size > 0)
          if (change < 0) return target.run(batch, signal)
          await target.run({ ...batch, scripts: batch.scripts.slice(0, change + 1) }, signal)
          throw new ConnectionError('here', 'lost', 'here: the connection was lost')
        },
        close: () => target.close(),
      })
      const only = `
- hosts: all
  tasks: [{name: change, copy: {dest: "<%= folder %>/file", content: x}, notify: told}]
  handlers: [{name: told, debug: {msg: x}}]
`
      expect(outcomes(await rehearsal.run(only, { through: breaking }))).to.deep.equal([
        'change: unreachable',
      ])
      expect(read('file')).to.equal('x')
      const next = await rehearsal.run(only)
      expect(outcomes(next)).to.deep.equal(['change: ok', 'told: ok'])
      const pending = next.events.filter(({ event }) => event === 'pending')
      expect(pending).to.deep.equal([{ event: 'pending', host: 'here', handlers: ['told'] }])
      expect(outcomes(await rehearsal.run(only))).to.deep.equal(['change: ok'])
    })

    it('counts a host as unreachable if it is lost before the record of its last handler is removed', async () => {
      const lossy = (target: Target): Target => ({
        name: target.name,
        run: (batch, signal) =>
          batch.scripts.some(({ text }) => text.includes('grep -Fvx'))
            ? Promise.reject(new ConnectionError('here', 'lost', 'the connection to here was lost'))
            : target.run(batch, signal),
        close: () => target.close(),
      })
      const run = await rehearsal.run(play(), { through: lossy })
      expect(outcomes(run)).to.deep.equal([
        'one: changed',
        'two: changed',
        'first: changed',
        'second: changed',
      ])
      expect(run.events.filter(({ event }) => event === 'warning')).to.deep.equal([
        { event: 'warning', host: 'here', msg: 'the connection to here was lost' },
      ])
      expect(run.exitCode).to.equal(ExitCode.unreachable)
    })

    it('does not take over handlers of another play, even of the same name', async () => {
      const playNamed = (name: string, after = ''): string => `
- name: ${name}
  hosts: all
  tasks:
    - {name: change, copy: {dest: "<%= folder %>/${name}", content: x}, notify: told}
${after}
  handlers: [{name: told, debug: {msg: ${name}}}]
`
      const told = (run: Rehearsed) =>
        run.tasks.filter(({ handler }) => handler === true).map(({ msg }) => msg)
      rehearsal.write('blog', 'x')
      const broken = await rehearsal.run(playNamed('shop', '    - {name: fails, fail: {msg: no}}'))
      expect(broken.exitCode).to.equal(ExitCode.failed)
      expect(told(await rehearsal.run(playNamed('blog')))).to.deep.equal([])
      expect(told(await rehearsal.run(playNamed('shop') + playNamed('blog')))).to.deep.equal(['shop'])
    })

    it('runs a handler that an earlier run left after the task that notifies it, not before', async () => {
      const mending = (content: string): string => `
- hosts: all
  tasks:
    - meta: flush_handlers
    - {name: configure, copy: {dest: "<%= folder %>/conf", content: "${content}"}, notify: load}
    - meta: flush_handlers
    - {name: after, debug: {msg: x}}
  handlers:
    - {name: load, command: {argv: [grep, good, "<%= folder %>/conf"]}}
`
      expect(outcomes(await rehearsal.run(mending('bad')))).to.deep.equal([
        'configure: changed',
        'load: failed',
      ])
      expect(outcomes(await rehearsal.run(mending('good')))).to.deep.equal([
        'configure: changed',
        'load: changed',
        'after: ok',
      ])
      await rehearsal.run(mending('bad'))
      rehearsal.write('conf', 'good')
      expect(outcomes(await rehearsal.run(mending('good')))).to.deep.equal([
        'configure: ok',
        'load: changed',
        'after: ok',
      ])
      expect(outcomes(await rehearsal.run(mending('good')))).to.deep.equal(['configure: ok', 'after: ok'])
    })

    it('runs handlers on a failed host with force_handlers', async () => {
      await rehearsal.run(play('    - {name: fails, fail: {msg: no}}'), { forceHandlers: true })
      expect(read('log')).to.equal('first\nsecond\n')
    })
  })

  describe('failures', () => {
    it('stops on the failed host, and reports the command, its exit code and output', async () => {
      const run = await rehearsal.run(`
- hosts: all
  tasks:
    - {name: breaks, shell: "echo out; echo err >&2; exit 3"}
    - {name: after, debug: {msg: x}}
`)
      expect(outcomes(run)).to.deep.equal(['breaks: failed'])
      expect(run.tasks[0]?.output).to.deep.equal({
        command: 'echo out; echo err >&2; exit 3',
        code: 3,
        stdout: 'out\n',
        stderr: 'err\n',
      })
      expect(run.exitCode).to.equal(ExitCode.failed)
    })

    it('reports the last line of stderr if the script of a module fails', async () => {
      const run = await rehearsal.run(
        "- hosts: all\n  tasks: [{copy: {dest: '/proc/nothing/here', content: a}, ignore_errors: yes}, {file: {path: /proc/x, state: directory}}]\n",
      )
      expect(run.tasks[1]?.msg).to.match(
        /^exited with code 1: \/proc: cannot create a directory in it: No such file or directory/,
      )
    })

    it('continues after an ignored failure, and applies failed_when', async () => {
      const run = await rehearsal.run(`
- hosts: all
  tasks:
    - {name: ignored, command: "false", ignore_errors: true}
    - {name: fine, command: "false", register: r, failed_when: "r.rc !== 1", changed_when: false}
    - {name: bad, command: "true", register: r, failed_when: "r.rc === 0"}
`)
      expect(outcomes(run)).to.deep.equal(['ignored: failed', 'fine: ok', 'bad: failed'])
      expect(run.tasks[0]?.ignored).to.equal(true)
      const recap = run.events.find((event) => event.event === 'recap')
      expect(recap?.hosts.here).to.include({ ok: 2, failed: 1, ignored: 1 })
    })

    it('fails the host of a meta task with a wrong condition, and continues on the others', async () => {
      const run = await rehearsal.run(
        `
- hosts: all
  tasks:
    - {name: result, debug: {msg: x}, register: result}
    - {name: ends, meta: end_host, when: "inventory_hostname === 'a' && result.nothing === 1"}
    - {name: after, debug: {msg: x}}
`,
        { hosts: ['a', 'b'] },
      )
      const ended = run.tasks.filter(({ task }) => task !== 'result')
      expect(ended.map(({ host, task, status }) => `${host} ${task}: ${status}`)).to.deep.equal([
        'a ends: failed',
        'b after: ok',
      ])
      const recap = run.events.find((event) => event.event === 'recap')
      expect(recap?.hosts.a).to.include({ failed: 1, ignored: 0 })
    })

    it('runs rescue and always', async () => {
      const run = await rehearsal.run(`
- hosts: all
  tasks:
    - block:
        - {name: breaks, command: "false"}
        - {name: not reached, debug: {msg: x}}
      rescue:
        - {name: rescue, debug: {msg: "<%= ansible_failed_task.name %>"}}
      always:
        - {name: always, debug: {msg: x}}
    - {name: after, debug: {msg: x}}
`)
      expect(outcomes(run)).to.deep.equal(['breaks: failed', 'rescue: ok', 'always: ok', 'after: ok'])
      expect(run.tasks[1]?.msg).to.equal('breaks')
      expect(run.exitCode).to.equal(ExitCode.done)
      expect(run.events.find((event) => event.event === 'recap')?.hosts.here).to.include({
        failed: 0,
        rescued: 1,
      })
    })

    it('continues on the other hosts when one becomes unreachable', async () => {
      const lossy = (target: Target): Target => ({
        name: target.name,
        run: (batch, signal) =>
          target.name === 'bad'
            ? Promise.reject(new ConnectionError('bad', 'lost', 'the connection to bad was lost'))
            : target.run(batch, signal),
        close: () => target.close(),
      })
      const run = await rehearsal.run('- hosts: all\n  tasks: [{name: t, command: "true"}]\n', {
        hosts: ['good', 'bad'],
        through: lossy,
      })
      const byHost = new Map(run.tasks.map((task) => [task.host, task.status]))
      expect(byHost).to.deep.equal(
        new Map([
          ['good', 'changed'],
          ['bad', 'unreachable'],
        ]),
      )
      expect(run.exitCode).to.equal(ExitCode.unreachable)
    })
  })

  it('registers the result of each loop item, and shows only the labels', async () => {
    const run = await rehearsal.run(`
- hosts: all
  tasks:
    - name: files
      copy: {dest: "<%= folder %>/<%= item.name %>", content: "<%= item.text %>"}
      loop: [{name: a, text: "1"}, {name: b, text: "2"}]
      loop_control: {label: "<%= item.name %>"}
      register: files
    - {name: second, debug: {msg: "<%= files.results.map((r) => r.changed).join() %>"}}
`)
    expect(run.tasks[0]?.items?.map(({ item, status }) => [item, status])).to.deep.equal([
      ['a', 'changed'],
      ['b', 'changed'],
    ])
    expect(run.tasks[1]?.msg).to.equal('true,true')
  })

  it('retries a task until its condition is true', async () => {
    writeFileSync(join(rehearsal.folder, 'count'), '')
    const run = await rehearsal.run(`
- hosts: all
  tasks:
    - name: counts
      shell: "cd \\"$FOLDER\\"; echo x >>count; wc -l <count"
      environment: {FOLDER: "<%= folder %>"}
      register: lines
      until: lines.stdout.trim() === '3'
      retries: 5
      delay: 0
`)
    expect(outcomes(run)).to.deep.equal(['counts: changed'])
    expect(read('count')).to.equal('x\nx\nx\n')
  })

  it('masks secrets in every event', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {name: fails, shell: "echo the password is hunter22; exit 1", ignore_errors: true}
    - {name: writes, copy: {dest: "<%= folder %>/x", content: "password=<%= password %>"}}
`,
      { secrets: ['hunter22'], vars: { password: 'hunter22' } },
    )
    expect(read('x')).to.equal('password=hunter22')
    expect(JSON.stringify(run.events)).not.to.include('hunter22')
    expect(JSON.stringify(run.events)).to.include('‹secret›')
  })

  it('stops running scripts on the host when it is interrupted, and still emits the recap', async () => {
    const controller = new AbortController()
    const started = (target: Target): Target => ({
      name: target.name,
      run: (batch, signal) => {
        const outcome = target.run(batch, signal)
        if (batch.scripts.some((script) => script.text.includes('30'))) controller.abort()
        return outcome
      },
      close: () => target.close(),
    })
    const run = await rehearsal.run(
      '- hosts: all\n  tasks:\n    - {name: sleeps, command: sleep 30}\n    - {name: after, debug: {msg: x}}\n',
      { signal: controller.signal, through: started },
    )
    expect(run.exitCode).to.equal(ExitCode.interrupted)
    expect(outcomes(run)).to.deep.equal(['sleeps: unknown'])
    expect(run.tasks[0]?.msg).to.equal('interrupted: run again to complete the task')
    expect(run.events.at(-1)).to.have.nested.property('hosts.here.unknown', 1)
  })
})

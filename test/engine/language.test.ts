import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

import { outcomes, Rehearsal } from './rehearsal.ts'

describe('a run of plays, roles and includes', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
  })
  afterEach(() => {
    rehearsal.remove()
  })

  const messages = (run: Awaited<ReturnType<Rehearsal['run']>>): string[] => run.tasks.map(({ msg }) => msg)

  it('includes files by a rendered name, once per item, with the variables of the loop', async () => {
    rehearsal.write('hello.yml', '- {name: hello, debug: {msg: "hello <%= who %>"}}\n')
    rehearsal.write('bye.yml', '- {name: bye, debug: {msg: "bye <%= who %>"}}\n')
    const run = await rehearsal
      .run(
        `
- hosts: all
  vars: {names: [hello, bye]}
  tasks:
    - include_tasks: "<%= item %>.yml"
      loop: "<%= names %>"
      vars: {who: you}
    - include_tasks: nowhere-needed.yml
      when: names.length > 5
`,
      )
      .catch((error: unknown) => error)
    expect(String(run)).to.include('nowhere-needed.yml')

    const good = await rehearsal.run(`
- hosts: all
  vars: {names: [hello, bye]}
  tasks:
    - include_tasks: "<%= item %>.yml"
      loop: "<%= names %>"
      vars: {who: you}
`)
    expect(messages(good)).to.deep.equal(['hello you', 'bye you'])
  })

  it('runs roles with their defaults, vars, files, templates and handlers', async () => {
    rehearsal.write('roles/web/defaults/main.yml', 'listen_port: 80\nname: default\n')
    rehearsal.write('roles/web/vars/main.yml', 'kind: role\n')
    rehearsal.write(
      'roles/web/templates/conf.ejs',
      'port=<%= listen_port %> name=<%= name %> kind=<%= kind %>\n',
    )
    rehearsal.write('roles/web/files/raw.txt', 'raw <%= port %>\n')
    rehearsal.write(
      'roles/web/tasks/main.yml',
      `
- {name: conf, template: {src: conf.ejs, dest: "<%= folder %>/conf"}, notify: told}
- {name: raw, copy: {src: raw.txt, dest: "<%= folder %>/raw"}}
`,
    )
    rehearsal.write(
      'roles/web/handlers/main.yml',
      '- {name: told, debug: {msg: "told by <%= role_name %>"}}\n',
    )
    const run = await rehearsal.run(`
- hosts: all
  vars: {name: play}
  roles: [{role: web, listen_port: 8080}]
`)
    expect(outcomes(run)).to.deep.equal(['conf: changed', 'raw: changed', 'told: ok'])
    expect(readFileSync(join(rehearsal.folder, 'conf'), 'utf8')).to.equal('port=8080 name=play kind=role\n')
    expect(readFileSync(join(rehearsal.folder, 'raw'), 'utf8')).to.equal('raw <%= port %>\n')
    expect(run.tasks[2]?.msg).to.equal('told by web')
  })

  it('includes a role at run time and runs its handlers', async () => {
    rehearsal.write('roles/late/tasks/main.yml', '- {name: late, command: "true", notify: told}\n')
    rehearsal.write('roles/late/handlers/main.yml', '- {name: told, debug: {msg: told}}\n')
    const run = await rehearsal.run('- hosts: all\n  tasks:\n    - include_role: {name: late}\n')
    expect(outcomes(run)).to.deep.equal(['late: changed', 'told: ok'])
  })

  it('runs the whole play on one batch of hosts before the next batch', async () => {
    const run = await rehearsal.run(
      '- hosts: all\n  serial: 1\n  tasks:\n    - {name: one, debug: {msg: x}}\n    - {name: two, debug: {msg: x}}\n',
      { hosts: ['a', 'b'] },
    )
    expect(run.tasks.map(({ host, task }) => `${host} ${task}`)).to.deep.equal([
      'a one',
      'a two',
      'b one',
      'b two',
    ])
  })

  it('runs a task with run_once on the first host that does not skip it, and gives the result to all', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - {name: once, command: "echo from <%= inventory_hostname %>", run_once: true, register: once, when: inventory_hostname !== 'a'}
    - {name: all, debug: {msg: "<%= once.stdout %>"}}
`,
      { hosts: ['a', 'b', 'c'] },
    )
    const said = run.tasks.filter(({ task }) => task === 'all').map(({ msg }) => msg)
    expect(said).to.deep.equal(['from b', 'from b', 'from b'])
  })

  it('sets variables, ends hosts and plays, and flushes handlers', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - set_fact: {colour: "<%= inventory_hostname === 'a' ? 'red' : 'blue' %>"}
    - {name: changes, command: "true", notify: told}
    - meta: flush_handlers
    - meta: end_host
      when: colour === 'red'
    - {name: rest, debug: {msg: "<%= colour %>"}}
  handlers:
    - {name: told, debug: {msg: told}}
- hosts: all
  tasks:
    - {name: second play, debug: {msg: "<%= colour %>"}}
`,
      { hosts: ['a', 'b'] },
    )
    const of = (name: string): string[] =>
      run.tasks
        .filter(({ host }) => host === name)
        .map(({ task }) => task)
        .slice(1)
    expect(of('a')).to.deep.equal(['changes', 'told', 'second play'])
    expect(of('b')).to.deep.equal(['changes', 'told', 'rest', 'second play'])
  })

  it('passes the environment to commands, and hides results and failures with no_log', async () => {
    const run = await rehearsal.run(`
- hosts: all
  environment: {A: play, B: play}
  tasks:
    - {name: env, shell: 'echo "$A $B"', environment: {B: "it's \\"task\\""}, register: env}
    - {name: shown, debug: {msg: "<%= env.stdout %>"}}
    - {name: hidden, shell: 'echo loud; exit 1', no_log: true, ignore_errors: true}
`)
    expect(run.tasks[1]?.msg).to.equal('play it\'s "task"')
    expect(JSON.stringify(run.tasks[2])).not.to.include('loud')
    expect(run.tasks[2]?.msg).to.equal('hidden by no_log')
  })

  it('stops the play on every host with any_errors_fatal', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  any_errors_fatal: true
  tasks:
    - {name: one, fail: {msg: no}, when: inventory_hostname === 'a'}
    - {name: two, debug: {msg: x}}
`,
      { hosts: ['a', 'b'] },
    )
    expect(run.tasks.filter(({ task }) => task === 'two')).to.deep.equal([])
  })

  it('lets a rescue handle a failure despite any_errors_fatal', async () => {
    const run = await rehearsal.run(`
- hosts: all
  any_errors_fatal: true
  tasks:
    - block: [{name: one, fail: {msg: no}}]
      rescue: [{name: rescue, debug: {msg: x}}]
    - {name: two, debug: {msg: x}}
`)
    expect(outcomes(run)).to.deep.equal(['one: failed', 'rescue: ok', 'two: ok'])
  })

  it('lets hosts run ahead of each other with strategy free', async () => {
    const run = await rehearsal.run(
      `
- hosts: all
  strategy: free
  tasks:
    - {name: waits, shell: "while [ ! -e \\"$X/go\\" ]; do sleep 0.05; done", when: inventory_hostname === 'a', environment: {X: "<%= folder %>"}, timeout: 20}
    - {name: lets go, copy: {dest: "<%= folder %>/go", content: x}, when: inventory_hostname === 'b'}
`,
      { hosts: ['a', 'b'] },
    )
    expect(run.tasks.filter(({ status }) => status === 'failed')).to.deep.equal([])
    expect(existsSync(join(rehearsal.folder, 'go'))).to.equal(true)
  })

  it('reports mistakes on any host before it connects', async () => {
    let connected = 0
    const failure = await rehearsal
      .run(
        `
- hosts: all
  tasks:
    - {name: fine, debug: {msg: x}}
    - {name: bad mode, file: {path: /tmp/x, state: directory, mode: "<%= mode %>"}}
    - {name: missing, debug: {msg: "<%= config.port %>"}}
`,
        {
          vars: { mode: 'rubbish', config: { prot: 1 } },
          through: (target) => {
            connected += 1
            return target
          },
        },
      )
      .catch((error: unknown) => error)
    expect(String(failure)).to.include('mode').and.to.include('config.port')
    expect(connected).to.equal(0)
  })

  it('checks the tasks of an include in a loop before the run, without the variables of the loop', async () => {
    rehearsal.write('sub.yml', '- {name: sub, debug: {msg: "sub <%= item %> <%= position %>"}}\n')
    rehearsal.write('roles/x/tasks/main.yml', '- {name: role, debug: {msg: "role <%= name %>"}}\n')
    const run = await rehearsal.run(`
- hosts: all
  tasks:
    - include_tasks: sub.yml
      loop: [a, b]
      loop_control: {index_var: position}
    - include_role: {name: x}
      loop: [c]
      loop_control: {loop_var: name}
`)
    expect(messages(run)).to.deep.equal(['sub a 0', 'sub b 1', 'role c'])
  })

  it('does not check the tasks of an include whose condition is false on the host', async () => {
    rehearsal.write('sub.yml', '- {name: sub, debug: {msg: "<%= names[inventory_hostname] %>"}}\n')
    const run = await rehearsal.run(
      `
- hosts: all
  tasks:
    - include_tasks: sub.yml
      when: inventory_hostname === 'b'
    - include_tasks: sub.yml
      loop: [x, y]
      when: inventory_hostname === 'b' && item === 'x'
`,
      { hosts: ['a', 'b'], vars: { names: { b: 'yes' } } },
    )
    expect(messages(run)).to.deep.equal(['yes', 'yes'])
  })

  it('guards a task by a condition that tests whether its variable is defined', async () => {
    const run = await rehearsal.run(`
- hosts: all
  tasks:
    - {name: guarded, debug: {msg: "<%= unset %>"}, when: typeof unset !== 'undefined'}
    - name: block
      when: typeof unset !== 'undefined'
      block:
        - {name: inner, debug: {msg: "<%= unset %>"}}
`)
    expect(outcomes(run)).to.deep.equal(['guarded: skipped', 'inner: skipped'])
  })

  it('registers the variables of the loop and the number of attempts', async () => {
    const run = await rehearsal.run(`
- hosts: all
  tasks:
    - {name: loop, debug: {msg: "m<%= one %>"}, loop: [a, b], loop_control: {loop_var: one}, register: looped}
    - {name: until, debug: {msg: x}, until: result.attempts === 3, delay: 0, retries: 5, register: result}
    - {name: says, debug: {msg: "<%= looped.results.map(({ one, msg }) => one + msg) %> <%= result.attempts %>"}}
`)
    expect(messages(run).at(-1)).to.equal('ama,bmb 3')
  })

  it('sets a variable on all hosts by set_fact with run_once', async () => {
    const run = await rehearsal.run(
      '- hosts: all\n  tasks:\n    - {set_fact: {shared: "<%= inventory_hostname %>"}, run_once: true}\n' +
        '    - {name: says, debug: {msg: "<%= shared %>"}}\n',
      { hosts: ['a', 'b'] },
    )
    expect(messages(run).slice(-2)).to.deep.equal(['a', 'a'])
  })

  it('notifies handlers by rendered names, for the changed items only', async () => {
    const run = await rehearsal.run(`
- hosts: all
  vars: {service: nginx, topic: all services}
  tasks:
    - {name: one, command: "true", notify: "restart <%= service %>"}
    - name: loop
      command: "echo <%= item %>"
      loop: [a, b, c]
      register: said
      changed_when: said.stdout !== 'b'
      notify: "restart <%= item %>"
    - {name: topic, command: "true", notify: "<%= topic %>"}
  handlers:
    - {name: restart nginx, debug: {msg: nginx}}
    - {name: "restart <%= 'a' %>", debug: {msg: a}}
    - {name: restart b, debug: {msg: b}}
    - {name: restart c, debug: {msg: c}}
    - {name: listens, debug: {msg: listens}, listen: "all <%= 'services' %>"}
`)
    const handlers = run.tasks.filter(({ handler }) => handler === true)
    expect(handlers.map(({ msg }) => msg)).to.deep.equal(['nginx', 'a', 'c', 'listens'])
  })

  it('fails a task before its change if the rendered name of a handler does not exist', async () => {
    const run = await rehearsal.run(`
- hosts: all
  vars: {service: ngnix}
  tasks:
    - {name: one, copy: {dest: "<%= folder %>/out", content: x}, notify: "restart <%= service %>"}
  handlers:
    - {name: restart nginx, debug: {msg: nginx}}
`)
    expect(run.tasks.map(({ status, msg }) => [status, msg])).to.deep.equal([
      ['failed', "no such handler: 'restart ngnix'\ndid you mean 'restart nginx'?"],
    ])
    expect(existsSync(join(rehearsal.folder, 'out'))).to.equal(false)
  })

  it('renders the names of plays, tasks and handlers, as far as they can be rendered', async () => {
    const run = await rehearsal.run(
      `
- name: Deploy <%= version %>
  hosts: all
  vars: {version: '7', host: "<%= inventory_hostname %>"}
  tasks:
    - {name: "Install <%= version %> on <%= host %>", command: "true", notify: restart}
    - {name: "Print <%= item %>", debug: {msg: x}, loop: [a]}
  handlers:
    - {name: "Restart <%= version %>", debug: {msg: x}, listen: restart}
`,
      { hosts: ['a', 'b'] },
    )
    const names = ['Install 7 on a', 'Install 7 on b', 'Print <%= item %>', 'Restart 7']
    expect([...new Set(run.tasks.map(({ task }) => task))]).to.have.members(names)
    expect([...new Set(run.tasks.map(({ play }) => play))]).to.deep.equal(['Deploy 7'])
    const started = run.events.flatMap((event) =>
      event.event === 'play' ? [event.play] : event.event === 'task-start' ? [event.task] : [],
    )
    expect(started).to.deep.equal(['Deploy 7', 'Install 7 on a', 'Print <%= item %>', 'Restart 7'])
  })
})

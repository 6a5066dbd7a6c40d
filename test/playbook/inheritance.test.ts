import { expect } from 'chai'

import { Project, tasksIn } from './project.ts'

describe('Keywords', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('are inherited from play to block to task, and the innermost one takes precedence', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  become: true
  become_user: root
  no_log: true
  environment: {A: 1}
  tags: play
  run_once: true
  timeout: 10
  throttle: 2
  connection: local
  remote_user: admin
  order: sorted
  tasks:
    - block:
        - command: ls
          become: no
          when: c
          tags: [task, block]
          environment: {C: 3}
          check_mode: "<%= dry %>"
          timeout: 0
          throttle: 0
        - command: ls
          vars: {x: 2}
          no_log: false
          ignore_errors: yes
          run_once: false
      become_user: app
      when: [a, b]
      tags: block, other
      vars: {x: 1}
      environment: [{B: 2}]
      notify: restart
  handlers:
    - name: restart
      command: restart
`,
    })
    const [play] = project.load().plays
    const [first, second] = tasksIn(project.load())
    expect(first!.keywords).to.include({ become: false, noLog: true })
    expect(first!.keywords.becomeUser?.value).to.equal('app')
    expect(first!.keywords.checkMode).to.have.property('value', '<%= dry %>')
    expect(first!.keywords.environment?.map((one) => one.value)).to.deep.equal([{ A: 1 }, { B: 2 }, { C: 3 }])
    expect(first!.when.map((one) => one.text)).to.deep.equal(['a', 'b', 'c'])
    expect(first!.tags).to.deep.equal(['play', 'block', 'other', 'task'])
    expect(first).to.include({ runOnce: true })
    expect(first).not.to.have.any.keys('timeout', 'throttle')
    expect(second).to.include({ timeout: 10, throttle: 2 })
    expect(play).to.deep.include({ reach: { connection: 'local', user: 'admin' }, order: 'sorted' })
    expect(first!.notify.map((one) => one.handler)).to.deep.equal(['restart'])
    expect(second!.keywords).to.include({ become: true, noLog: false, ignoreErrors: true })
    expect(second!.keywords.becomeUser?.value).to.equal('app')
    expect(second!.vars.map((layer) => [...layer.values])).to.deep.equal([[['x', 1]], [['x', 2]]])
    expect(second).to.include({ runOnce: false, timeout: 10 })
    expect(play!.keywords).to.include({ become: true, noLog: true })
    expect(play!.keywords.becomeUser?.value).to.equal('root')
    expect(play!.handlers[0]!.keywords).to.include({ become: true, becomeUser: play!.keywords.becomeUser })
    expect(play!.handlers[0]!.tags).to.deep.equal([])
  })

  it('of a task are accepted in all their forms', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  tasks:
    - name: One
      command: ls
      when: true
      loop: [1, 2]
      loop_control: {loop_var: number, index_var: index, label: "no <%= number %>"}
      register: result
      changed_when: false
      failed_when: [a, b]
      until: result.ok
      retries: 5
      delay: 0.5
    - command: ls
      with_items: [[1], 2]
    - meta: flush_handlers
`,
    })
    const [one, two, meta] = tasksIn(project.load())
    expect(one).to.include({
      name: 'One',
      loopVariable: 'number',
      indexVariable: 'index',
      register: 'result',
    })
    expect(one).to.include({ retries: 5, delay: 0.5 })
    expect(one!.loopLabel!.value).to.equal('no <%= number %>')
    expect(one!.when.map((when) => when.text)).to.deep.equal(['true'])
    expect(one!.changedWhen!.map((when) => when.text)).to.deep.equal(['false'])
    expect(one!.failedWhen!.map((when) => when.text)).to.deep.equal(['a', 'b'])
    expect(one!.until!.map((when) => when.text)).to.deep.equal(['result.ok'])
    expect(two).to.include({
      name: 'command',
      loopVariable: 'item',
      loopFlattened: true,
      retries: 3,
      delay: 5,
    })
    expect(meta!.module).to.deep.equal({ type: 'meta', name: 'meta', action: 'flush_handlers' })
  })
})

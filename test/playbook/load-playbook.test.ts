import { expect } from 'chai'

import { names, playOf, Project, tasksIn } from './project.ts'

describe('loadPlaybook', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('reads a play with its sections, handlers and settings', () => {
    const project = new Project({
      'site.yml': `
- name: Web servers
  hosts: [web, '!old']
  serial: [1, '50%']
  max_fail_percentage: 30
  any_errors_fatal: true
  force_handlers: yes
  strategy: free
  gather_facts: false
  vars:
    domain: foobar.com
  vars_files: [vars/more.yml]
  pre_tasks:
    - debug: msg=before
  tasks:
    - name: Config
      ansible.builtin.copy:
        content: text
        dest: /etc/x
      notify: restart
  post_tasks:
    - debug: {msg: after}
  handlers:
    - name: restart
      service: {name: x, state: restarted}
      listen: web
`,
      'vars/more.yml': 'port: 80\n',
    })
    const [play] = project.load().plays
    expect(play).to.include({
      name: 'Web servers',
      hosts: 'web,!old',
      strategy: 'free',
      maxFailPercentage: 30,
    })
    expect(play).to.include({ anyErrorsFatal: true, forceHandlers: true })
    expect(play!.serial?.value).to.deep.equal([1, '50%'])
    expect(play!.vars.map((layer) => [...layer.values])).to.deep.equal([
      [['domain', 'foobar.com']],
      [['port', 80]],
    ])
    expect(play!.sections.map(names)).to.deep.equal([['debug'], ['Config'], ['debug']])
    expect(play!.handlers.map(({ name, listen }) => ({ name, listen }))).to.deep.equal([
      { name: 'restart', listen: ['web'] },
    ])
  })

  it('reads parameters in all notations', () => {
    const project = new Project({
      'site.yml': playOf(`
- copy: {content: a, dest: /b}
- copy: content="a b" dest=/b mode=0644
- command: creates=/x make "a = b" c=d
- command: make
  args:
    chdir: /src
- command:
    cmd: make
- debug: msg="hello world"
- debug: hello world
- debug: var=site.domain
- debug: a=b
- command: chdir=/tmp cmd='echo "a b"'
- command: chdir=/tmp A=b make
- community.general.service: name=<%= a === 'b' %> state=started
`),
    })
    expect(tasksIn(project.load()).map((task) => task.params.value)).to.deep.equal([
      { content: 'a', dest: '/b' },
      { content: 'a b', dest: '/b', mode: '0644' },
      { creates: '/x', cmd: 'make "a = b" c=d' },
      { chdir: '/src', cmd: 'make' },
      { cmd: 'make' },
      { msg: 'hello world' },
      { msg: 'hello world' },
      { var: 'site.domain' },
      { msg: 'a=b' },
      { chdir: '/tmp', cmd: 'echo "a b"' },
      { chdir: '/tmp', cmd: 'A=b make' },
      { name: "<%= a === 'b' %>", state: 'started' },
    ])
  })
})

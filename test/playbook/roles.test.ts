import { join } from 'node:path'
import { expect } from 'chai'

import { names, Project, tasksIn } from './project.ts'

function role(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const files = { 'tasks/main.yml': `- {name: ${name}, command: ls}\n`, ...more }
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`roles/${name}/${path}`, text]))
}

describe('Roles', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('add their tasks and handlers before those of the play', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  pre_tasks: [{name: pre, command: ls}]
  roles: [web]
  tasks: [{name: task, command: ls}]
  handlers: [{name: own, command: ls}]
`,
      ...role('web', {
        'handlers/main.yaml': '- {name: reload, command: ls, listen: [web]}\n',
        'defaults/main/a.yml': 'a: 1\n',
        'defaults/main/b.yml': 'b: 2\n',
        'vars/main.yml': 'c: 3\n',
      }),
    })
    const [play] = project.load().plays
    expect(play!.sections.map(names)).to.deep.equal([['pre'], ['web', 'task'], []])
    expect(names(play!.handlers)).to.deep.equal(['reload', 'own'])
    const [web] = play!.roles
    expect(web).to.include({ name: 'web', path: join(project.folder, 'roles/web') })
    expect([...web!.defaults.values]).to.deep.equal([
      ['a', 1],
      ['b', 2],
    ])
    expect(web!.defaults.at?.('b')).to.include({ line: 1, column: 4 })
    expect([...web!.vars.values]).to.deep.equal([['c', 3]])
    expect(tasksIn(project.load())[1]!.role?.name).to.equal('web')
  })

  it('inherit the keywords and parameters of their entry', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  roles:
    - role: web
      tags: [www]
      when: is_web
      become: true
      web_port: 80
      vars: {name: x}
`,
      ...role('web', { 'handlers/main.yml': '- {name: reload, command: ls}\n' }),
    })
    const [task] = tasksIn(project.load())
    expect(task!.tags).to.deep.equal(['www'])
    expect(task!.when.map((one) => one.text)).to.deep.equal(['is_web'])
    expect(task!.keywords.become).to.equal(true)
    expect([...task!.role!.params.values]).to.deep.equal([
      ['name', 'x'],
      ['web_port', 80],
    ])
    const [handler] = project.load().plays[0]!.handlers
    expect(handler).to.deep.include({ tags: [], when: [] })
    expect(handler!.keywords.become).to.equal(true)
  })

  it('run once unless their parameters differ or they allow duplicates', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  roles:
    - web
    - web
    - {role: web, web_port: 81}
    - {role: web, web_port: 81}
    - again
    - again
`,
      ...role('web'),
      ...role('again', { 'meta/main.yml': 'allow_duplicates: true\n' }),
    })
    expect(tasksIn(project.load()).map((task) => task.name)).to.deep.equal(['web', 'web', 'again', 'again'])
  })

  it('run their dependencies first, under the same conditions', () => {
    const project = new Project({
      'site.yml': '- hosts: all\n  roles: [{role: app, when: x, tags: t}]\n',
      ...role('app', { 'meta/main.yml': 'dependencies: [base, {role: web, web_port: 1}]\n' }),
      ...role('web', { 'meta/main.yml': 'dependencies:\n  - base\n' }),
      ...role('base'),
    })
    const tasks = tasksIn(project.load())
    expect(tasks.map((task) => task.name)).to.deep.equal(['base', 'web', 'app'])
    expect(tasks.map((task) => task.tags)).to.deep.equal([['t'], ['t'], ['t']])
    expect(tasks[0]!.when.map((one) => one.text)).to.deep.equal(['x'])
  })

  it('cannot depend on each other', () => {
    const project = new Project({
      'site.yml': '- hosts: all\n  roles: [a]\n',
      ...role('a', { 'meta/main.yml': 'dependencies: [b]\n' }),
      ...role('b', { 'meta/main.yml': 'dependencies: [a]\n' }),
    })
    expect(project.errors()).to.deep.equal(['roles/b/meta/main.yml:1:16 the role a depends on itself'])
  })

  it('are found alongside the playbook and in the project', () => {
    const project = new Project({
      'playbooks/site.yml': '- hosts: all\n  roles: [near, far, ../other/web]\n',
      'playbooks/roles/near/tasks/main.yml': '- {name: near, command: ls}\n',
      'roles/far/tasks/main.yml': '- {name: far, command: ls}\n',
      'other/web/tasks/main.yml': '- {name: other, command: ls}\n',
    })
    const tasks = tasksIn(project.load({}, 'playbooks/site.yml'))
    expect(tasks.map((task) => task.name)).to.deep.equal(['near', 'far', 'other'])
  })

  it('search for the src of their tasks in the role, alongside the playbook and in the project', () => {
    const project = new Project({
      'playbooks/site.yml': '- hosts: all\n  roles: [web]\n',
      'playbooks/roles/web/tasks/main.yml': '- copy: {src: a, dest: /a}\n',
      'playbooks/roles/web/files/a': '',
    })
    const [task] = tasksIn(project.load({}, 'playbooks/site.yml'))
    const folders = task!.searchPath.map((path) => path.replace(project.folder, '.'))
    expect(folders).to.deep.equal(['./playbooks/roles/web', './playbooks', '.'])
  })

  it('replace import_role, with the given files instead of main', () => {
    const project = new Project({
      'site.yml': `
- hosts: all
  tasks:
    - import_role: {name: web, tasks_from: setup.yml, vars_from: other}
      tags: x
      when: y
      vars: {z: 1}
`,
      ...role('web', {
        'tasks/setup.yml': '- {name: setup, command: ls, notify: "web : reload"}\n',
        'vars/other.yml': 'v: 1\n',
        'handlers/main.yml': '- {name: reload, command: ls}\n',
      }),
    })
    const playbook = project.load()
    const [task] = tasksIn(playbook)
    expect(task).to.deep.include({ name: 'setup', tags: ['x'] })
    expect(task!.when.map((one) => one.text)).to.deep.equal(['y'])
    expect(task!.vars.map((layer) => [...layer.values])).to.deep.equal([[['z', 1]]])
    expect(playbook.plays[0]!.roles.map((one) => [...one.vars.values])).to.deep.equal([[['v', 1]]])
    expect(names(playbook.plays[0]!.handlers)).to.deep.equal(['reload'])
  })
})

import { expect } from 'chai'

import { InvalidInputError } from '../../src/errors.ts'
import type { Include, Node } from '../../src/playbook/playbook.ts'
import { names, playOf, Project } from './project.ts'

function firstInclude(nodes: readonly Node[]): Include {
  const include = nodes.find((node) => node.type === 'include')
  if (include === undefined) throw new Error('there is no include')
  return include
}

function includeOf(project: Project): Include {
  return firstInclude(project.load({ variables: ['which', 'item'] }).plays[0]!.sections.flat())
}

function problemsOf(project: Project, action: () => unknown): string[] {
  try {
    action()
    return []
  } catch (error) {
    if (error instanceof InvalidInputError) return project.describe(error)
    throw error
  }
}

describe('Imports and includes', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('replace import_tasks by its tasks, with its tags, conditions, vars and keywords', () => {
    const project = new Project({
      'site.yml': playOf(`
- import_tasks: tasks/a.yml
  tags: [x]
  when: c
  vars: {v: 1}
  become: true
- command: ls
`),
      'tasks/a.yml': '- {name: a, command: ls, when: d, tags: y}\n- import_tasks: b.yml\n',
      'tasks/b.yml': '- {name: b, command: ls}\n',
    })
    const nodes = project.load().plays[0]!.sections.flat()
    expect(names(nodes)).to.deep.equal(['a', 'b', 'command'])
    expect(nodes[0]!.tags).to.deep.equal(['x', 'y'])
    expect(nodes[0]!.when.map((one) => one.text)).to.deep.equal(['c', 'd'])
    expect(nodes[1]!.vars.map((layer) => [...layer.values])).to.deep.equal([[['v', 1]]])
    expect(nodes[1]!.keywords.become).to.equal(true)
  })

  it('replace import_playbook by its plays', () => {
    const project = new Project({
      'site.yml': '- import_playbook: sub/web.yml\n  tags: x\n  vars: {v: 1}\n- {name: last, hosts: all}\n',
      'sub/web.yml': '- name: web\n  hosts: web\n  roles: [base]\n',
      'sub/roles/base/tasks/main.yml': '- command: ls\n',
    })
    const [web, last] = project.load().plays
    expect([web!.name, last!.name]).to.deep.equal(['web', 'last'])
    expect(web!.sections.flat()[0]!.tags).to.deep.equal(['x'])
    expect([...web!.vars[0]!.values]).to.deep.equal([['v', 1]])
  })

  it('reject a playbook that imports itself', () => {
    const project = new Project({ 'site.yml': '- import_playbook: site.yml\n' })
    expect(project.errors()).to.deep.equal(['site.yml:1:20 site.yml imports itself'])
  })

  it('pass the vars of include_tasks and the keywords around it to its tasks, but only `apply` of its own', () => {
    const project = new Project({
      'site.yml': playOf(`
- block:
    - include_tasks:
        file: a.yml
        apply: {tags: [applied], become: true}
      tags: own
      when: c
      vars: {v: 1}
      no_log: true
  tags: around
  when: b
`),
      'a.yml': '- command: ls\n',
    })
    const [block] = project.load().plays[0]!.sections.flat()
    const include = firstInclude(block!.type === 'block' ? block!.block : [])
    expect(include.tags).to.deep.equal(['around', 'own'])
    expect(include.when.map((one) => one.text)).to.deep.equal(['b', 'c'])
    const [task] = include.load('a.yml')
    expect(task!.tags).to.deep.equal(['around', 'applied'])
    expect(task!.when.map((one) => one.text)).to.deep.equal(['b'])
    expect(task!.keywords).to.include({ become: true }).and.not.have.property('noLog')
    expect(task!.vars.map((layer) => [...layer.values])).to.deep.equal([[['v', 1]]])
    expect(include.preloaded).to.equal(include.load('a.yml'))
  })

  it('check an include with a name that is unknown before the run when they load it', () => {
    const project = new Project({
      'site.yml': playOf('- include_tasks: "<%= which %>.yml"\n'),
      'good.yml': '- {name: good, command: ls, register: result}\n- debug: {msg: "<%= result %>"}\n',
      'bad.yml': '- {command: ls, notify: nobody}\n- coppy: {}\n- debug: {msg: "<%= whcih %>"}\n',
    })
    const include = includeOf(project)
    expect(include).not.to.have.property('preloaded')
    expect(names(include.load('good.yml'))).to.deep.equal(['good', 'debug'])
    expect(include.load('good.yml')).to.equal(include.load('good.yml'))
    expect(problemsOf(project, () => include.load('bad.yml'))).to.deep.equal([
      "bad.yml:1:25 no such handler: 'nobody'",
      "bad.yml:2:3 'coppy' is neither a module nor a keyword of a task (did you mean 'copy'?)",
    ])
    expect(problemsOf(project, () => include.load('none.yml'))).to.deep.equal([
      `site.yml:4:22 no such file: none.yml (searched for ${project.folder}/none.yml)`.replaceAll(
        `${project.folder}/`,
        '',
      ),
    ])
  })

  it('reject public: true of include_role, which has no effect here', () => {
    const project = new Project({
      'site.yml': playOf(
        '- include_role: {name: web, public: true}\n- import_role: {name: web, public: true}\n',
      ),
      'roles/web/tasks/main.yml': '- {name: web, command: ls}\n',
    })
    expect(project.errors()).to.deep.equal([
      "site.yml:4:7 'public: true' is not supported: the variables of an included role stay in the role (import the role, or set the variables in the play)",
    ])
  })

  it('add the handlers of include_role, which tasks can notify', () => {
    const project = new Project({
      'site.yml': playOf(
        '- include_role: {name: web}\n- {command: ls, notify: [reload, "web : reload", sites]}\n',
      ),
      'roles/web/tasks/main.yml': '- {name: web, command: ls, notify: reload}\n',
      'roles/web/handlers/main.yml': '- {name: reload, listen: sites, command: ls}\n',
    })
    const include = includeOf(project)
    expect(include).to.include({ kind: 'role', name: 'include_role' })
    expect(names(include.load('web'))).to.deep.equal(['web'])
    expect(names(include.handlersOf('web'))).to.deep.equal(['reload'])
    expect(project.load().plays[0]!.handlers).to.deep.equal([])
    expect(project.load().plays[0]!.roles).to.deep.equal([])
  })

  it('accept an include that is repeated or includes itself', () => {
    const project = new Project({
      'site.yml': playOf('- include_tasks: a.yml\n  loop: [1, 2]\n  loop_control: {loop_var: n}\n'),
      'a.yml': '- {name: step, command: ls}\n- include_tasks: a.yml\n  when: which\n',
    })
    const include = includeOf(project)
    expect(include).to.include({ loopVariable: 'n' })
    expect(include.loop!.value).to.deep.equal([1, 2])
    let inner = firstInclude(include.load('a.yml'))
    for (let depth = 1; depth < 50; depth += 1) inner = firstInclude(inner.load('a.yml'))
    expect(names(inner.load('a.yml'))).to.deep.equal(['step', 'include_tasks'])
    const deepest = firstInclude(inner.load('a.yml'))
    expect(problemsOf(project, () => deepest.load('a.yml'))).to.deep.equal([
      'a.yml:2:3 includes are nested more than 50 deep (check whether the file includes itself endlessly)',
    ])
  })
})

import { expect } from 'chai'

import { InvalidInputError, type Diagnostic } from '../../../src/errors.ts'
import { modules } from '../../../src/modules/index.ts'
import { validateParams } from '../../../src/playbook/params/params.ts'
import { Secrets } from '../../../src/variables/secrets/secrets.ts'
import { playOf, Project, tasksIn } from '../project.ts'

describe('validateParams', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  it('returns the converted parameters', () => {
    const project = new Project({ 'site.yml': playOf('- copy: {dest: "<%= a %>", mode: "<%= b %>"}\n') })
    const [task] = tasksIn(project.load())
    expect(validateParams(task!, { dest: '/a', mode: 644 }, new Secrets())).to.deep.equal({
      dest: '/a',
      mode: '0644',
    })
  })

  it('reports the position of each invalid rendered value', () => {
    const project = new Project({
      'site.yml': playOf('- copy:\n    dest: "<%= a %>"\n    mode: "<%= b %>"\n'),
    })
    const [task] = tasksIn(project.load())
    expect(() => validateParams(task!, { dest: ['/a'], mode: 'x' }, new Secrets()))
      .to.throw(InvalidInputError)
      .with.property('diagnostics')
      .that.satisfies((diagnostics: readonly Diagnostic[]) => {
        const found = diagnostics.map(({ at, message }) => `${at.line}:${at.column} ${message}`)
        expect(found[0]).to.equal('5:15 dest: expected a string, not a list')
        expect(found[1]).to.match(/^6:15 mode: invalid mode 'x'/)
        return true
      })
  })

  it('reports a parameter that is missing after rendering', () => {
    const project = new Project({ 'site.yml': playOf('- copy: {dest: "<%= omit %>"}\n') })
    const [task] = tasksIn(project.load())
    expect(() => validateParams(task!, {}, new Secrets())).to.throw(InvalidInputError, "copy needs 'dest'")
  })

  it('quotes no part of a secret', () => {
    const project = new Project({ 'site.yml': playOf('- mysql_user: {name: a, priv: "<%= secret %>"}\n') })
    const [task] = tasksIn(project.load({ modules }))
    const secrets = new Secrets()
    secrets.add('Tr0ubadour/Zephyr:Quill')
    expect(() => validateParams(task!, { name: 'a', priv: 'Tr0ubadour/Zephyr:Quill' }, secrets))
      .to.throw(InvalidInputError, "priv: '‹secret›' is invalid")
      .with.property('message')
      .that.does.not.match(/Tr0ubadour|Zephyr/)
  })
})

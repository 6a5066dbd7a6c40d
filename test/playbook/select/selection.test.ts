import { expect } from 'chai'

import { NothingMatchedError } from '../../../src/errors.ts'
import { selectNodes, tagsOf, type Selection } from '../../../src/playbook/select/selection.ts'
import { selectTags } from '../../../src/playbook/select/tags.ts'
import { Project, tasksIn } from '../project.ts'

const site = `
- name: one
  hosts: all
  tasks:
    - {name: a, command: ls, tags: web}
    - block:
        - {name: b, command: ls}
        - {name: c, command: ls, tags: [db, never]}
      always:
        - {name: d, command: ls, tags: web}
      tags: data
    - include_tasks: more.yml
      tags: more
- name: two
  hosts: all
  tasks:
    - {name: e, command: ls}
    - {name: always, command: ls, tags: always}
    - {name: never, command: ls, tags: [never]}
`
const more = '- {name: m1, command: ls}\n- {name: m2, command: ls, tags: inner}\n- {name: m3, command: ls}\n'

describe('selectTags', () => {
  const rows: readonly [tags: string[], wanted: string[], skipped: string[], selected: boolean][] = [
    [[], [], [], true],
    [['a'], [], [], true],
    [['never'], [], [], false],
    [['a', 'never'], ['a'], [], true],
    [['never'], ['never'], [], true],
    [['never', 'a'], ['all'], [], false],
    [['never', 'a'], ['tagged'], [], false],
    [['a'], ['b'], [], false],
    [[], ['b'], [], false],
    [['always'], ['b'], [], true],
    [['always'], ['b'], ['always'], false],
    [['always', 'a'], [], ['a'], false],
    [['a'], ['tagged'], [], true],
    [[], ['tagged'], [], false],
    [[], ['untagged'], [], true],
    [['a'], ['untagged'], [], false],
    [['a'], ['a'], ['a'], false],
    [['a'], [], ['tagged'], false],
    [[], [], ['untagged'], false],
    [['a'], [], ['all'], false],
    [['always'], [], ['all'], true],
  ]
  for (const [tags, wanted, skipTags, selected] of rows) {
    it(`${selected ? 'selects' : 'skips'} [${tags.join()}] with --tags '${wanted.join()}' --skip-tags '${skipTags.join()}'`, () => {
      expect(selectTags(tags, { tags: wanted, skipTags })).to.equal(selected)
    })
  }
})

describe('selectNodes', () => {
  afterEach(() => {
    Project.cleanUp()
  })

  function select(selection: Partial<Selection>): string[] {
    const playbook = new Project({ 'site.yml': site, 'more.yml': more }).load()
    return tasksIn(selectNodes(playbook, { tags: [], skipTags: [], ...selection })).map((task) => task.name)
  }

  const rows: readonly [title: string, selection: Partial<Selection>, tasks: string[]][] = [
    ['selects everything except never', {}, ['a', 'b', 'd', 'm1', 'm2', 'm3', 'e', 'always']],
    ['selects the tasks with a tag', { tags: ['web'] }, ['a', 'd', 'always']],
    ['selects a block by its tag', { tags: ['data'] }, ['b', 'c', 'd', 'always']],
    [
      'selects only the tasks of an include that have the tag themselves',
      { tags: ['more', 'inner'] },
      ['m2', 'always'],
    ],
    ['skips the tasks with a tag', { skipTags: ['data', 'more', 'always'] }, ['a', 'e']],
    ['starts at a task', { startAtTask: 'e' }, ['e', 'always']],
    ['starts in a block', { startAtTask: 'd' }, ['d', 'm1', 'm2', 'm3', 'e', 'always']],
    ['starts in an include', { startAtTask: 'm2' }, ['m2', 'm3', 'e', 'always']],
    ['starts at a pattern', { startAtTask: '?2' }, ['m2', 'm3', 'e', 'always']],
  ]
  for (const [title, selection, tasks] of rows) {
    it(title, () => {
      expect(select(selection)).to.deep.equal(tasks)
    })
  }

  it('loads only the selected tasks of an include, and the same objects each time', () => {
    const playbook = new Project({ 'site.yml': site, 'more.yml': more }).load()
    const selected = selectNodes(playbook, { tags: [], skipTags: [], startAtTask: 'm2' })
    const [include] = selected.plays[0]!.sections.flat()
    if (include?.type !== 'include') throw new Error('the include is not there')
    expect(include.load('more.yml').map((node) => node.name)).to.deep.equal(['m2', 'm3'])
    expect(include.load('more.yml')).to.equal(include.preloaded)
  })

  it('suggests a similar tag or task if nothing matches', () => {
    expect(() => select({ tags: ['wbe1'] })).to.throw(NothingMatchedError, "no task has the tag 'wbe1'")
    expect(() => select({ skipTags: ['weeb'] }))
      .to.throw(NothingMatchedError)
      .with.property('hint', "did you mean 'web'?")
    expect(() => select({ startAtTask: 'alwys' }))
      .to.throw(NothingMatchedError, "no task is named 'alwys'")
      .with.property('hint', "did you mean 'always'?")
    expect(() => select({ tags: ['web'], skipTags: ['web', 'always'] })).to.throw(
      NothingMatchedError,
      'no task is selected by the tags web and skipping the tags web, always',
    )
  })

  it('lists all tags', () => {
    const playbook = new Project({ 'site.yml': site, 'more.yml': more }).load()
    expect(tagsOf(playbook)).to.deep.equal(['always', 'data', 'db', 'inner', 'more', 'never', 'web'])
  })
})

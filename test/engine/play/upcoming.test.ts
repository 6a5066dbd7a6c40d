import { expect } from 'chai'

import { tasksAhead, upcomingOf, upcomingThrough } from '../../../src/engine/play/upcoming.ts'
import type { Include, Node } from '../../../src/playbook/playbook.ts'
import { Project } from '../../playbook/project.ts'
import { fakeModules } from '../fake-modules.ts'

describe('tasksAhead', () => {
  after(() => {
    Project.cleanUp()
  })

  const debug = (name: string): string => `{name: ${name}, debug: {msg: x}}`

  function sections(): readonly (readonly Node[])[] {
    const project = new Project({
      'site.yml': `- hosts: all
  pre_tasks: [${debug('before')}]
  tasks:
    - ${debug('first')}
    - block: [${debug('in block')}]
      rescue: [${debug('in rescue')}]
      always: [${debug('in always')}]
    - include_tasks: more.yml
    - include_tasks: "<%= inventory_hostname %>.yml"
    - ${debug('last')}
  post_tasks: [${debug('after')}]
`,
      'more.yml': `- ${debug('included')}\n`,
    })
    return project.load({ modules: fakeModules }).plays[0]?.sections ?? []
  }

  const all = ['before', 'first', 'in block', 'in always', 'included', 'last', 'after']
  const namesOf = (tasks: Iterable<{ readonly name: string }>): string[] => [...tasks].map(({ name }) => name)

  it('yields the tasks of a play in order, without a rescue and without includes whose name is rendered', () => {
    expect(namesOf(tasksAhead(upcomingThrough(sections())))).to.deep.equal(all)
  })

  it('skips the tasks of a skipped include', () => {
    const asked: Include[] = []
    const isLeftOut = (include: Include): boolean => {
      asked.push(include)
      return true
    }
    const names = namesOf(tasksAhead(upcomingThrough(sections()), isLeftOut))
    expect(names).to.deep.equal(all.filter((name) => name !== 'included'))
    expect(asked).to.have.length(2)
    expect(namesOf(tasksAhead(upcomingThrough(sections()), () => false))).to.deep.equal(all)
  })

  it('yields the rest of a list and then the nodes after the list', () => {
    const [first = [], second = []] = sections().filter((section) => section.length > 0)
    const place = upcomingOf(second.slice(-1), upcomingOf(first, undefined))
    expect(namesOf(tasksAhead(place))).to.deep.equal(['last', 'before'])
    expect(namesOf(tasksAhead(undefined))).to.deep.equal([])
    expect(upcomingThrough([])).to.equal(undefined)
  })
})

import { expect } from 'chai'

import { InvalidInputError } from '../../../src/errors.ts'
import type { Target } from '../../../src/target/target.ts'
import { fakeModules } from '../fake-modules.ts'
import { FakeTarget } from '../fake-target.ts'
import { Rehearsal, type RehearsalOptions } from '../rehearsal.ts'

describe('the search for mistakes before the first play', () => {
  let rehearsal: Rehearsal
  beforeEach(() => {
    rehearsal = new Rehearsal()
    rehearsal.write('inner.yml', '- {debug: {msg: "<%= item.size %>"}}\n- {debug: {msg: "<%= missing %>"}}\n')
  })
  afterEach(() => {
    rehearsal.remove()
  })

  /** Returns "line: message" of each mistake; undefined if the playbook runs. */
  const mistakesIn = async (
    playbook: string,
    options: RehearsalOptions = {},
  ): Promise<string[] | undefined> => {
    const all = {
      modules: fakeModules,
      target: (): Target => new FakeTarget(),
      hosts: ['a', 'b'],
      ...options,
    }
    const error: unknown = await rehearsal.run(playbook, all).then(
      () => undefined,
      (it: unknown) => it,
    )
    if (error === undefined) return undefined
    if (!(error instanceof InvalidInputError)) throw new Error('it has no mistake', { cause: error })
    return error.diagnostics.map(({ at, message }) => `${at.line}: ${message}`)
  }
  const linesOf = (mistakes: readonly string[] | undefined) => mistakes?.map((text) => Number.parseInt(text))

  it('reports each mistake once, although it exists on every host', async () => {
    const mistakes = await mistakesIn(`- hosts: all
  tasks:
    - {debug: {msg: "<%= missing %>"}}
    - {demand: {most: "<%= 'many' %>"}}
    - {debug: {msg: fine}}
`)
    expect(linesOf(mistakes)).to.deep.equal([3, 4])
    expect(mistakes?.[0]).to.include('missing')
  })

  it('reports the mistakes of a block, of its always, and of handlers', async () => {
    const mistakes = await mistakesIn(`- hosts: all
  tasks:
    - block:
        - {debug: {msg: "<%= missing %>"}}
      always:
        - {debug: {msg: "<%= missing %>"}}
  handlers:
    - {name: later, debug: {msg: "<%= missing %>"}}
`)
    expect(linesOf(mistakes)).to.deep.equal([4, 6, 8])
  })

  it('reports the line of a parameter that is invalid after rendering', async () => {
    const mistakes = await mistakesIn(`- hosts: all
  tasks:
    - name: demand
      demand:
        most: "<%= 'many' %>"
`)
    expect(linesOf(mistakes)).to.deep.equal([5])
  })

  it('reports a mistake on the hosts only that have it', async () => {
    const play = `- hosts: all
  tasks:
    - {debug: {msg: "<%= missing %>"}, when: inventory_hostname === 'b'}
`
    expect(linesOf(await mistakesIn(play))).to.deep.equal([3])
    expect(await mistakesIn(play, { hosts: ['a'] })).to.equal(undefined)
  })

  it('knows the variables that earlier tasks and plays set', async () => {
    const uses = (name: string) => `    - {debug: {msg: "<%= ${name} %>"}}\n`
    const start = '- hosts: all\n  tasks:\n'
    const setting = '    - {look: {name: x}, register: seen}\n    - {set_fact: {given: 1}}\n'
    expect(await mistakesIn(start + setting + uses('seen.value') + uses('given'))).to.equal(undefined)
    expect(linesOf(await mistakesIn(start + uses('seen.value') + setting))).to.deep.equal([3])
    expect(await mistakesIn(start + setting + start + uses('seen.value') + uses('given'))).to.equal(undefined)
    expect(linesOf(await mistakesIn(start + uses('seen.value') + start + setting))).to.deep.equal([3])
  })

  it('reports the mistakes of an include, but not for the variables of its loop', async () => {
    const play = (keywords: string) => `- hosts: all
  tasks:
    - {include_tasks: inner.yml, ${keywords}}
`
    const messages = async (keywords: string) =>
      (await mistakesIn(play(keywords)))?.map((text) => /missing|item/.exec(text)?.[0])
    expect(await messages('loop: [{size: 1}]')).to.deep.equal(['missing'])
    expect(await messages('when: true')).to.deep.equal(['item', 'missing'])
    expect(await messages('when: false')).to.equal(undefined)
  })

  it('forgets the variable of an include after it', async () => {
    const mistakes = await mistakesIn(`- hosts: all
  vars: {missing: 1}
  tasks:
    - {include_tasks: inner.yml, loop: [{size: 1}]}
    - {debug: {msg: "<%= item %>"}}
`)
    expect(linesOf(mistakes)).to.deep.equal([5])
  })

  it('reports a missing file with the folders that were searched', async () => {
    const error: unknown = await rehearsal
      .run('- hosts: all\n  tasks:\n    - {copy: {src: "<%= folder %>/no", dest: /x}}\n', {
        target: () => new FakeTarget(),
      })
      .catch((it: unknown) => it)
    if (!(error instanceof InvalidInputError)) throw new Error('it has no mistake', { cause: error })
    const [mistake] = error.diagnostics
    expect(mistake?.message).to.equal(`file not found: ${rehearsal.folder}/no`)
    expect(mistake?.hint).to.include('looked in ')
    expect(mistake?.at.line).to.equal(3)
  })

  it('reports an invalid serial, also of a play without tasks', async () => {
    const mistake = mistakesIn('- hosts: all\n  serial: "<%= many %>"\n  tasks: []\n', {
      vars: { many: 'few' },
    })
    expect(await mistake).to.have.length(1)
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'

import { deployLock } from '../../src/state/deploy-lock.ts'
import { scratchFolder } from '../modules/application.ts'
import { readState, shells } from '../modules/harness.ts'
import { nastyText } from '../nasty-text.ts'

const ann = { run: 'a', by: 'ann on desk', since: '2026-01-01T00:00:00Z', purpose: 'deploy v1' }
const nobody = { run: '', by: '', since: '', purpose: '' }

describe('the answer about the deploy lock', () => {
  const cases: readonly [text: string, answer: object | null][] = [
    ['', null],
    [`5\n${JSON.stringify(ann)}`, { ...ann, silent: 5 }],
    [`5\n${JSON.stringify({ ...ann, more: 'by hand' }, null, 2)}`, { ...ann, silent: 5 }],
    [`-7\n${JSON.stringify(ann)}`, { ...ann, silent: -7 }],
    [`5\n${JSON.stringify({ ...ann, by: 5, since: null })}`, { ...ann, by: '', since: '', silent: 5 }],
    ['5\n', { ...nobody, silent: 5 }],
    ['5\n{"run":"a","by', { ...nobody, silent: 5 }],
    ['5\nann, by hand', { ...nobody, silent: 5 }],
    ['5\n[]', { ...nobody, silent: 5 }],
    ['5\nnull', { ...nobody, silent: 5 }],
  ]
  for (const [text, answer] of cases)
    it(`parses ${JSON.stringify(text)}`, () => {
      expect(deployLock.parse(`${text}\0`, [{ root: '/srv/shop' }])).to.deep.equal([answer])
    })

  it('rejects an invalid answer', () => {
    for (const output of ['', '5\n{}', '\0\0'])
      expect(() => deployLock.parse(output, [{ root: '/srv/shop' }]), output).to.throw()
  })
})

describe('deploy locks on this machine', () => {
  const scratch = scratchFolder()

  for (const shell of shells)
    it(`reads several locks with any content, under ${shell}`, () => {
      const [free, held] = ['free', "it's held\n$(x)"].map((name) => join(scratch.path, name)) as [
        string,
        string,
      ]
      mkdirSync(join(held, 'deploy'), { recursive: true })
      const read = (root: string) => deployLock.key({ root })
      fc.assert(
        fc.property(nastyText, nastyText, (run, by) => {
          writeFileSync(join(held, 'deploy/lock'), JSON.stringify({ ...ann, run, by }))
          const { a, b, c } = readState({ a: read(free), b: read(held), c: read(`${free}/deep`) }, shell)
          expect([a, c]).to.deep.equal([null, null])
          expect(b).to.deep.include({ ...ann, run, by })
          expect(b?.silent).to.be.within(0, 60)
        }),
        { numRuns: 3 },
      )
    })
})

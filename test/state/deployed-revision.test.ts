import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

import type { Write } from '../../src/state/definition/write.ts'
import { deployLock } from '../../src/state/deploy-lock.ts'
import { deployedRevision } from '../../src/state/deployed-revision.ts'
import { deployment } from '../../src/state/deployment.ts'
import { path } from '../../src/state/path.ts'
import { scratchFolder } from '../modules/application.ts'
import { readState, shells } from '../modules/harness.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
const v1 = 'refs/tags/v1'

function line(entry: object): string {
  return `${JSON.stringify({ time: '2026-01-01T00:00:00Z', reference: v1, revision: one, event: 'live', ...entry })}\n`
}

describe('kind deployed-revision', () => {
  const scratch = scratchFolder()
  const cases: readonly [because: string, journal: string, reference: string, revision: string | null][] = [
    ['returns the last entry', line({}) + line({ revision: two }), v1, two],
    ['ignores failed deploys', line({}) + line({ revision: two, event: 'failed' }), v1, one],
    ['ignores other names', line({}) + line({ revision: two, reference: 'refs/tags/v1.1' }), v1, one],
    [
      'ignores entries that only mention the name',
      line({ reference: 'v2', reason: `"reference":"${v1}"` }),
      v1,
      null,
    ],
    ['does not match the start of a name', line({}), 'refs/tags/v', null],
    ['does not match patterns', line({}), 'refs/tags/v.', null],
    ['finds a name that needs quotes', line({ reference: '-e "it\'s\\ ä' }), '-e "it\'s\\ ä', one],
    ['ignores an incomplete line', line({}) + line({ revision: two }).slice(0, -2), v1, one],
    ['returns null for an empty journal', '', v1, null],
    ['returns null without a revision', line({ revision: 5 }), v1, null],
  ]

  for (const shell of shells)
    it(`finds the last live commit in the journal, under ${shell}`, () => {
      const keys = cases.map(([, journal, reference], index) => {
        const root = join(scratch.path, `it's ${index}`)
        const file = join(root, 'deploy/journal.jsonl')
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, journal)
        return deployedRevision.key({ root, reference })
      })
      const nowhere = deployedRevision.key({ root: join(scratch.path, 'nowhere'), reference: v1 })
      const { answers } = readState({ answers: [...keys, nowhere] }, shell)
      cases.forEach(([because, , , revision], index) => {
        expect(answers[index], because).to.equal(revision)
      })
      expect(answers.at(-1)).to.equal(null)
    })

  const root = '/srv/shop'
  const writes: readonly [what: string, write: Write, touched: boolean][] = [
    ['the deployment', deployment.write({ root }), true],
    ['another deployment', deployment.write({ root: '/srv/shop2' }), false],
    ['the lock', deployLock.write({ root }), false],
    ['a command', { type: 'scope', scope: 'anything', until: '' }, true],
    ['packages', { type: 'scope', scope: 'packages', until: '' }, false],
    ['a file', path.write({ path: '/etc/hosts' }), false],
  ]
  for (const [what, write, touched] of writes)
    it(`${touched ? 'may return another' : 'returns the same'} commit after a write to ${what}`, () => {
      expect(deployedRevision.touchedBy({ root, reference: v1 }, write, one)).to.equal(touched)
    })

  it('predicts no change by commands in a dry run, because only deploys write the journal', () => {
    const [[, written], , , [, command]] = writes as [
      (typeof writes)[0],
      unknown,
      unknown,
      (typeof writes)[0],
    ]
    const question = { root, reference: v1 }
    expect(deployedRevision.possibleAfter?.(question, command, one)).to.deep.equal([one])
    expect(deployedRevision.possibleAfter?.(question, written, one)).to.equal(undefined)
  })
})

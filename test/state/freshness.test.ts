import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { pathsOf } from '../../src/state/definition/kind.ts'
import type { ThingWrite } from '../../src/state/definition/write.ts'
import { freshnessTable, recordedTable } from './freshness-table.ts'

describe('freshness', () => {
  // After a change to a kind's rules, run npx tsx test/state/write-freshness.ts and check the diff.
  it('matches the recorded effects of writes and predictions for every pair of kinds', () => {
    expect(freshnessTable()).to.deep.equal(JSON.parse(readFileSync(recordedTable, 'utf8')))
  })

  it('rejects a write to an unknown kind at compile time', () => {
    // @ts-expect-error unknown kind
    const misspelt: ThingWrite = { type: 'thing', kind: 'pth', subject: '/etc' }
    expect(pathsOf(misspelt)).to.equal(undefined)
  })
})

import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { freshnessTable, recordedTable } from './freshness-table.ts'

describe('freshness', () => {
  // after a change of a kind's rules: npx tsx test/state/write-freshness.ts, and read the diff
  it('lets a write void, and a dry run expect, the same of every pair of kinds as recorded', () => {
    expect(freshnessTable()).to.deep.equal(JSON.parse(readFileSync(recordedTable, 'utf8')))
  })
})

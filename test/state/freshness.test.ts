import { readFileSync } from 'node:fs'
import { expect } from 'chai'

import { pathsOf } from '../../src/state/definition/kind.ts'
import type { ThingWrite } from '../../src/state/definition/write.ts'
import { freshnessTable, recordedTable } from './freshness-table.ts'

describe('freshness', () => {
  // after a change of a kind's rules: npx tsx test/state/write-freshness.ts, and read the diff
  it('lets a write void, and a dry run expect, the same of every pair of kinds as recorded', () => {
    expect(freshnessTable()).to.deep.equal(JSON.parse(readFileSync(recordedTable, 'utf8')))
  })

  it('has no write to a kind that does not exist', () => {
    // @ts-expect-error the compiler knows the names of the kinds
    const misspelt: ThingWrite = { type: 'thing', kind: 'pth', subject: '/etc' }
    expect(pathsOf(misspelt)).to.equal(undefined)
  })
})

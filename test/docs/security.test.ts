import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'

describe('SECURITY.md', () => {
  const text = readFileSync('SECURITY.md', 'utf8')
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| **'))
    .map((line) => line.split('|').slice(1, -1))

  it('names who may attack', () => {
    expect(rows).to.have.length.of.at.least(8)
  })

  for (const row of rows)
    it(`names tests that exist for the row of ${row[0]!.trim()}`, () => {
      const tests = [...row.at(-1)!.matchAll(/`([^`]+)`/g)].map(([, name]) => `test/${name!}.test.ts`)
      expect(tests).to.have.length.of.at.least(1)
      expect(tests.filter((file) => !existsSync(file))).to.deep.equal([])
    })
})

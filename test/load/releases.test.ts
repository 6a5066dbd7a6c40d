import { expect } from 'chai'

import { Failure } from './failure.ts'
import { Releases } from './releases.ts'

/** Returns the result for a connection with these answers, one letter each, if the releases were allowed in this order. */
function seen(allowed: string, answers: string, floor = 0): string[] {
  const releases = new Releases()
  for (const release of allowed.split(' ')) releases.allow({ release, version: release.toUpperCase() })
  const connection = { step: 0 }
  return answers.split(' ').map((answer) => {
    try {
      return releases.advance(connection, floor, `20260101T000000Z-${answer}`)
    } catch (error) {
      return error instanceof Failure ? error.kind : String(error)
    }
  })
}

describe('the order of releases on a connection', () => {
  const cases: [what: string, allowed: string, answers: string, expected: string[]][] = [
    ['goes on', 'a b', 'a a b b', ['A', 'A', 'B', 'B']],
    ['may begin late', 'a b', 'b b', ['B', 'B']],
    ['may leave one out', 'a b c', 'a c', ['A', 'C']],
    ['does not go back', 'a b', 'a b a', ['A', 'B', 'flip-flop']],
    ['does not go back to what it never saw', 'a b', 'b a', ['B', 'flip-flop']],
    ['counts going back and forth each time', 'a b', 'b a b a', ['B', 'flip-flop', 'B', 'flip-flop']],
    ['goes back once to what was put back', 'a b a', 'a b a b a', ['A', 'B', 'A', 'flip-flop', 'A']],
    ['may miss what was put back', 'a b a', 'a a a', ['A', 'A', 'A']],
    ['knows nothing else', 'a b', 'a x b', ['A', 'foreign release', 'B']],
  ]
  for (const [what, allowed, answers, expected] of cases) {
    it(`${what}: ${answers} of ${allowed}`, () => {
      expect(seen(allowed, answers)).to.deep.equal(expected)
    })
  }

  it('starts at the last release after it is settled', () => {
    expect(seen('a b', 'a b', 1)).to.deep.equal(['foreign release', 'B'])
    expect(seen('a b a', 'b a', 2)).to.deep.equal(['foreign release', 'A'])
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { matchesTag } from '../../../src/deploy/watch/tag-pattern.ts'

describe('matchesTag', () => {
  const table: readonly [pattern: string, matching: readonly string[], others: readonly string[]][] = [
    ['v*', ['v', 'v1', 'v1/2', 'v\n'], ['V1', 'xv1', '']],
    ['v[0-9]*', ['v1', 'v1.2.3-rc'], ['v', 'vx1']],
    ['v?', ['v1', 'v😀'], ['v', 'v12']],
    ['v[!0-9]', ['vx', 'v-'], ['v1']],
    ['v[^0-9]', ['vx'], ['v1']],
    ['v[]a]', ['v]', 'va'], ['vb']],
    ['v[a-]', ['va', 'v-'], ['vb']],
    ['v1.0', ['v1.0'], ['v1x0']],
    ['v\\*', ['v*'], ['v1']],
    ['v(1|2)+{3}$', ['v(1|2)+{3}$'], ['v1', 'v11']],
    ['*.*.*', ['1.2.3', 'v1.2.3'], ['v1.2']],
  ]
  for (const [pattern, matching, others] of table)
    it(`matches tags with ${pattern}`, () => {
      expect(matching.filter((tag) => !matchesTag(tag, [pattern]))).to.deep.equal([])
      expect(others.filter((tag) => matchesTag(tag, [pattern]))).to.deep.equal([])
    })

  it('matches a tag if one of several patterns does', () => {
    expect(matchesTag('beta', ['v*', 'b*'])).to.equal(true)
    expect(matchesTag('alpha', ['v*', 'b*'])).to.equal(false)
    expect(matchesTag('v1', [])).to.equal(false)
  })

  for (const pattern of ['v[', 'v[0-9', 'v[z-a]', 'v\\'])
    it(`rejects the invalid pattern ${pattern}`, () => {
      expect(() => matchesTag('v1', [pattern])).to.throw('invalid tag pattern')
    })

  it('matches every other character literally', () => {
    const plain = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[[*?\\]/g, ''))
    fc.assert(
      fc.property(plain, plain, (text, other) => {
        expect(matchesTag(text, [text])).to.equal(true)
        expect(matchesTag(other, [text])).to.equal(other === text)
        expect(matchesTag(`${text}${other}`, [`${text}*`])).to.equal(true)
      }),
    )
  })
})

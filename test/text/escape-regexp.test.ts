import { expect } from 'chai'
import fc from 'fast-check'

import { escapeRegExp } from '../../src/text/escape-regexp.ts'

describe('escapeRegExp', () => {
  it('makes every string match only itself', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, fc.constantFrom('', 'u'), (one, other, flags) => {
        const expression = new RegExp(`^${escapeRegExp(one)}$`, flags)
        expect(expression.test(one)).to.equal(true)
        expect(expression.test(other)).to.equal(one === other)
      }),
    )
  })
})

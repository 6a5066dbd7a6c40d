import { expect } from 'chai'

import { wrap } from '../../src/text/wrap.ts'

describe('wrap', () => {
  it('breaks between words, at the last one that fits', () => {
    expect(wrap('aa bb cc', 5)).to.deep.equal(['aa bb', 'cc'])
    expect(wrap('aa bb cc', 4)).to.deep.equal(['aa', 'bb', 'cc'])
  })

  it('puts a longer word on its own line', () => {
    expect(wrap('a bbbbbbb c', 3)).to.deep.equal(['a', 'bbbbbbb', 'c'])
  })

  it('returns no line without words', () => {
    expect(wrap('  \n ', 5)).to.deep.equal([])
  })
})

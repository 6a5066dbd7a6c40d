import { expect } from 'chai'

import { detached } from '../../../src/engine/machine/detached.ts'

describe('a detached value', () => {
  it('is equal to the value', () => {
    const own = new Date(0)
    const value = { text: 'text', list: ['a', { deep: 'ä' }], number: 1, none: null, yes: true, own }
    const copy = detached(value) as typeof value
    expect(copy).to.deep.equal(value)
    expect(copy).not.to.equal(value)
    expect(copy.own).to.equal(own)
    for (const simple of ['', 'text', 1, null, undefined, true]) expect(detached(simple)).to.equal(simple)
  })
})

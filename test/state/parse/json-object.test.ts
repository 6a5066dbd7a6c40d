import { expect } from 'chai'

import { jsonObject, jsonValue } from '../../../src/state/parse/json-object.ts'

describe('jsonObject', () => {
  it('returns only objects', () => {
    expect(jsonObject('{"by":"ann"}')).to.deep.equal({ by: 'ann' })
    expect(jsonObject('["ann"]')).to.deep.equal({})
    expect(jsonObject('{"by":"an')).to.deep.equal({})
  })

  it('parses up to 500 levels, so that no input can exhaust the stack', () => {
    expect(jsonValue(nested(400))).to.be.an('array')
    expect(jsonValue(nested(100_000))).to.equal(undefined)
    expect(jsonObject(`{"by":${nested(100_000)}}`)).to.deep.equal({})
  })
})

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

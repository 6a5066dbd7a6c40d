import { expect } from 'chai'

import { kindOf, undefinedProperty } from '../../../src/variables/evaluation/undefined-path.ts'

describe('kindOf', () => {
  const kinds: [value: unknown, kind: string][] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [[], 'a list of 0 items'],
    [[1], 'a list of 1 item'],
    [[1, 2], 'a list of 2 items'],
    ['x', 'a string'],
    [1, 'a number'],
    [true, 'true'],
    [false, 'false'],
    [{}, 'an object'],
    [() => 1, 'a function'],
  ]
  for (const [value, kind] of kinds)
    it(`describes ${kind}`, () => {
      expect(kindOf(value)).to.equal(kind)
    })
})

describe('the error of an undefined property', () => {
  const at = { file: 'site.yml', line: 3, column: 7 }
  const definedAt = { file: 'vars.yml', line: 2, column: 3 }
  const errorOf = (parent: unknown, isPlaceKnown = false) =>
    undefinedProperty(['site', 'nmae'], parent, () => (isPlaceKnown ? definedAt : undefined), at)

  it('suggests the nearest property, with its place if that is known', () => {
    expect(errorOf({ name: 1, port: 2 }).hint).to.equal("did you mean 'site.name'?")
    expect(errorOf({ name: 1 }, true).hint).to.equal(
      "did you mean 'site.name', which is defined at vars.yml:2:3?",
    )
  })

  it('lists the properties if none is near', () => {
    expect(errorOf({ port: 1, domain: 2 }).hint).to.match(/^'site' has .*port.*domain/)
    expect(errorOf({}).hint).to.equal("'site' has no properties")
  })

  it('reports what the owner of the property is if it is no object', () => {
    expect(errorOf(['a']).message).to.include("'site.nmae' is not defined: 'site' is a list of 1 item")
    expect(errorOf(undefined).message).to.include("'site' is undefined")
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { globMatcher, type GlobSyntax } from '../../src/text/glob.ts'

type Row = readonly [pattern: string, matching: readonly string[], others: readonly string[]]

const ofAll: readonly Row[] = [
  ['', [''], ['a']],
  ['a*', ['a', 'ab', 'a\n', 'a/b'], ['', 'ba', 'A']],
  ['a?', ['ab', 'a😀', 'a\n'], ['a', 'abc']],
  ['*a*b*', ['ab', 'xaxbx', 'aab'], ['ba', 'a', 'b']],
  ['**', ['', 'a'], []],
  ['a.b+(c|d)$', ['a.b+(c|d)$'], ['axb+(c|d)$', 'a.bbc']],
]

const tables: Readonly<Record<GlobSyntax, readonly Row[]>> = {
  wildcards: [
    ['[ab]', ['[ab]'], ['a']],
    ['a\\*', ['a\\', 'a\\b'], ['a*']],
  ],
  sets: [
    ['web[1-3]', ['web1', 'web3'], ['web', 'web4']],
    ['web[!1-3]', ['web4', 'web!'], ['web1']],
    ['web[1^]', ['web1', 'web^'], ['web2']],
    ['web[^1]', ['web1', 'web^'], ['web2']],
    ['web[!]', ['web!'], ['web1']],
    ['web[\\]', ['web\\'], ['web1']],
    ['web[[]', ['web['], ['web1']],
    ['web[1', ['web[1'], ['web1']],
    ['web[]1]', ['web[]1]'], ['web1', 'web]']],
    ['a\\*', ['a\\', 'a\\b'], ['a*']],
  ],
  git: [
    ['v[!0-9]', ['vx', 'v-'], ['v1']],
    ['v[^0-9]', ['vx'], ['v1']],
    ['v[]a]', ['v]', 'va'], ['vb']],
    ['v[a-]', ['va', 'v-'], ['vb']],
    ['v[\\]a]', ['v]', 'va'], ['v\\']],
    ['v[a\\-c]', ['va', 'v-', 'vc'], ['vb']],
    ['v\\*', ['v*'], ['v1', 'v\\']],
  ],
}

describe('globMatcher', () => {
  for (const [syntax, table] of Object.entries(tables) as [GlobSyntax, readonly Row[]][])
    for (const [pattern, matching, others] of [...ofAll, ...table])
      it(`matches ${JSON.stringify(pattern)} as ${syntax}`, () => {
        const matches = globMatcher(pattern, syntax)
        expect(matching.filter((text) => !matches(text))).to.deep.equal([])
        expect(others.filter(matches)).to.deep.equal([])
      })

  for (const pattern of ['v[', 'v[0-9', 'v[z-a]', 'v\\'])
    it(`rejects ${pattern} like git`, () => {
      expect(() => globMatcher(pattern, 'git')).to.throw(SyntaxError)
    })

  it('agrees with a regular expression for every pattern of wildcards', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(globMatcher(pattern, 'wildcards')(text)).to.equal(expression.test(text))
      }),
    )
  })

  it('takes linear time for many wildcards', () => {
    const matches = globMatcher('*a'.repeat(50), 'wildcards')
    expect(matches(`${'a'.repeat(20_000)}b`)).to.equal(false)
  })
})

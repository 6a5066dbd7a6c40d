import { expect } from 'chai'
import fc from 'fast-check'

import { compareVersions, inVersionOrder } from '../../src/text/version-order.ts'

describe('compareVersions', () => {
  const orders = {
    'compares numbers by value': ['v1.2', 'v1.9.0', 'v1.9.1', 'v1.10', 'v1.10.1', 'v2', 'v10.0.0'],
    'puts pre-releases before their release': [
      ...['v1.0.0-alpha', 'v1.0.0-alpha.1', 'v1.0.0-alpha.beta', 'v1.0.0-beta.2', 'v1.0.0-beta.11'],
      ...['v1.0.0-rc.1', 'v1.0.0'],
    ],
    'accepts loosely written versions': ['v1.2-rc1', 'v1.2rc2', 'v1.2', 'release-1.3', '1.4.0'],
    'accepts calendar versions': ['2025.12.31', '2026.01.09', '2026.01.10', '2026.2.1'],
    'puts names that are not versions first': ['build-10.0.0.1', 'nightly', 'v0.0.1'],
    'compares numbers in names by value': ['v1.2.3.4', 'v1.2.3.10', 'v1.10.0.0'],
  }
  for (const [what, tags] of Object.entries(orders))
    it(what, () => {
      expect(inVersionOrder(tags.toReversed())).to.deep.equal(tags)
    })

  const part = fc.integer({ min: 0, max: 12 })
  const version = fc
    .tuple(
      fc.constantFrom('v', '', 'release-'),
      part,
      part,
      part,
      fc.constantFrom('', '-rc.1', '-rc.2', '+b'),
    )
    .map(([prefix, major, minor, patch, rest]) => `${prefix}${major}.${minor}.${patch}${rest}`)
  const tag = fc.oneof(version, fc.string(), fc.stringMatching(/^v?[0-9.rc-]{0,8}$/))

  it('is antisymmetric, and returns 0 only for equal tags', () => {
    fc.assert(
      fc.property(tag, tag, (one, other) => {
        expect(Math.sign(compareVersions(one, other)) + Math.sign(compareVersions(other, one))).to.equal(0)
        expect(compareVersions(one, other) === 0).to.equal(one === other)
      }),
    )
  })

  it('is transitive', () => {
    fc.assert(
      fc.property(tag, tag, tag, (...tags) => {
        const [first, second, third] = inVersionOrder(tags) as [string, string, string]
        expect(compareVersions(first, second)).to.be.at.most(0)
        expect(compareVersions(second, third)).to.be.at.most(0)
        expect(compareVersions(first, third)).to.be.at.most(0)
      }),
    )
  })
})

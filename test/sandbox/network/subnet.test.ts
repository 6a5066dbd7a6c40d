import { expect } from 'chai'
import fc from 'fast-check'

import { freeSubnet } from '../../../src/sandbox/network/subnet.ts'

describe('freeSubnet', () => {
  const table: { routes: string[]; inner: string; why: string }[] = [
    { routes: [], inner: '10.213.0.2', why: 'the first subnet' },
    {
      routes: ['default', '192.0.2.0/24', 'fd00::/64'],
      inner: '10.213.0.2',
      why: 'routes to other networks do not matter',
    },
    { routes: ['10.213.0.0/30'], inner: '10.213.0.6', why: 'the next subnet' },
    {
      routes: ['10.213.0.1', '10.213.0.4/30'],
      inner: '10.213.0.10',
      why: 'one address takes a whole subnet',
    },
    { routes: ['10.213.0.4/30'], inner: '10.213.0.2', why: 'a gap is used' },
    { routes: ['10.213.0.0/24'], inner: '10.213.1.2', why: 'a larger network is skipped' },
    {
      routes: ['10.213.128.0/17', '10.213.0.0/18'],
      inner: '10.213.64.2',
      why: 'the order of routes does not matter',
    },
  ]
  for (const { routes, inner, why } of table) {
    it(`returns ${inner} if the routes are ${routes.join(' and ') || 'empty'}: ${why}`, () => {
      expect(freeSubnet(routes).inner).to.equal(inner)
    })
  }

  it('never returns an address twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
        const given: string[] = []
        for (let round = 0; round < count; round++) {
          const { outer, inner } = freeSubnet(given)
          expect(given).to.not.include.members([outer, inner])
          given.push(outer, inner)
        }
      }),
    )
  })

  it('fails if all addresses are taken', () => {
    expect(() => freeSubnet(['10.0.0.0/8'])).to.throw('no free address in 10.213.0.0/16')
  })
})

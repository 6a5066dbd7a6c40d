import { expect } from 'chai'

import { inOrder } from '../../../src/engine/play/host-order.ts'
import type { Order } from '../../../src/playbook/playbook.ts'

describe('inOrder', () => {
  const hosts = ['web2', 'db', 'web1'].map((name) => ({ name }))
  const namesIn = (order: Order): string[] => inOrder(hosts, order).map(({ name }) => name)

  const cases: Partial<Record<Order, string[]>> = {
    inventory: ['web2', 'db', 'web1'],
    reverse_inventory: ['web1', 'db', 'web2'],
    sorted: ['db', 'web1', 'web2'],
    reverse_sorted: ['web2', 'web1', 'db'],
  }
  for (const [order, names] of Object.entries(cases))
    it(order, () => {
      expect(namesIn(order as Order)).to.deep.equal(names)
    })

  it('shuffles without omitting or repeating a host', () => {
    expect(namesIn('shuffle')).to.have.members(['web2', 'db', 'web1']).and.have.length(3)
  })
})

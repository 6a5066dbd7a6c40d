import { expect } from 'chai'

import { batchesOf } from '../../../src/engine/play/serial.ts'

describe('batchesOf', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e']

  const cases: [string, (number | string)[], string[][]][] = [
    ['puts all hosts in one batch without serial', [], [['a', 'b', 'c', 'd', 'e']]],
    ['uses a number as the size of each batch', [2], [['a', 'b'], ['c', 'd'], ['e']]],
    ['repeats the last size of a list', [1, 2], [['a'], ['b', 'c'], ['d', 'e']]],
    ['takes a percentage of all hosts', ['40%'], [['a', 'b'], ['c', 'd'], ['e']]],
    ['puts at least one host in each batch', ['1%'], [['a'], ['b'], ['c'], ['d'], ['e']]],
  ]
  for (const [title, serial, batches] of cases) {
    it(title, () => {
      expect(batchesOf(hosts, serial)).to.deep.equal(batches)
    })
  }
})

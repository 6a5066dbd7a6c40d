import { expect } from 'chai'

import { batchesOf } from '../../../src/engine/play/serial.ts'

describe('batches of hosts', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e']

  const cases: [string, (number | string)[], string[][]][] = [
    ['all at once without serial', [], [['a', 'b', 'c', 'd', 'e']]],
    ['a number is the size of each', [2], [['a', 'b'], ['c', 'd'], ['e']]],
    ['the last size of a list is for all that remain', [1, 2], [['a'], ['b', 'c'], ['d', 'e']]],
    ['a percentage is of all hosts', ['40%'], [['a', 'b'], ['c', 'd'], ['e']]],
    ['a batch has at least one host', ['1%'], [['a'], ['b'], ['c'], ['d'], ['e']]],
  ]
  for (const [title, serial, batches] of cases) {
    it(title, () => {
      expect(batchesOf(hosts, serial)).to.deep.equal(batches)
    })
  }
})

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
  it('rounds a percentage down, and does not lose a host to the precision of numbers', () => {
    const many = Array.from({ length: 100 }, (_, index) => index)
    for (const percent of [7, 14, 28, 29, 55, 56, 57, 58, 99, 100])
      expect(batchesOf(many, [`${percent}%`, 1])[0], `${percent}%`).to.have.length(percent)
    expect(batchesOf(hosts, ['59%'])[0]).to.have.length(2)
  })

  it('makes no batch without hosts', () => {
    expect(batchesOf([], [2])).to.deep.equal([])
  })

  for (const [title, serial, batches] of cases) {
    it(title, () => {
      expect(batchesOf(hosts, serial)).to.deep.equal(batches)
    })
  }
})

import { expect } from 'chai'

import { HostMemory, MemoryBudget } from '../../../src/engine/machine/memory-budget.ts'

const megabyte = 1024 * 1024
const gigabyte = 1024 * megabyte

describe('the memory of a host', () => {
  it('allows 64 MB per host, and names the host that exceeds it', () => {
    const memory = new HostMemory('web1', new MemoryBudget(1, gigabyte))
    memory.hold('one', 40 * megabyte)
    expect(() => {
      memory.hold('two', 25 * megabyte)
    }).to.throw('the stored results of web1 exceed 64 MB')
    memory.hold('two', 24 * megabyte)
  })

  it('counts a replaced or freed item once', () => {
    const memory = new HostMemory('web1', new MemoryBudget(1, gigabyte))
    for (let round = 0; round < 5; round += 1) memory.hold('one', 40 * megabyte)
    memory.free('one')
    memory.hold('two', 64 * megabyte)
  })

  it('counts an item of one byte once', () => {
    const memory = new HostMemory('web1', new MemoryBudget(1, gigabyte))
    memory.hold('one', 1)
    memory.hold('one', 64 * megabyte)
  })

  it('limits all hosts together to a quarter of the heap', () => {
    const budget = new MemoryBudget(100, gigabyte)
    const greedy = Array.from({ length: 4 }, (_, index) => new HostMemory(`greedy${index}`, budget))
    for (const memory of greedy) memory.hold('lot', 64 * megabyte)
    expect(() => {
      new HostMemory('web1', budget).hold('lot', 10 * megabyte)
    }).to.throw('the stored results of all hosts exceed 256 MB')
  })

  it('reserves a share for each host', () => {
    const budget = new MemoryBudget(100, gigabyte)
    for (let index = 0; index < 4; index += 1)
      new HostMemory(`greedy${index}`, budget).hold('lot', 64 * megabyte)
    const memory = new HostMemory('web1', budget)
    memory.hold('facts', 2 * megabyte)
    expect(() => {
      memory.hold('more', megabyte)
    }).to.throw('all hosts')
  })
})

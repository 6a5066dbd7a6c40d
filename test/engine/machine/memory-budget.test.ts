import { getHeapStatistics } from 'node:v8'
import { expect } from 'chai'

import { HostMemory, MemoryBudget } from '../../../src/engine/machine/memory-budget.ts'
import { TaskFailure } from '../../../src/errors.ts'

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

  it('proposes more memory for Node.js only if all hosts together exceed the limit', () => {
    const hintOf = (budget: MemoryBudget, bytes: number): unknown => {
      try {
        new HostMemory('web1', budget).hold('one', bytes)
      } catch (error) {
        if (error instanceof TaskFailure) return error.hint
      }
      return undefined
    }
    const fewer = 'write the output to a file on the host, or register fewer results'
    expect(hintOf(new MemoryBudget(1, gigabyte), 65 * megabyte)).to.equal(fewer)
    expect(hintOf(new MemoryBudget(1, 4 * megabyte), 2 * megabyte)).to.equal(
      `${fewer}, or raise the memory limit of Node.js (--max-old-space-size)`,
    )
  })

  it('takes a quarter of the heap of this process, and at most 64 MB for each host', () => {
    const { heap_size_limit: heap } = getHeapStatistics()
    expect(new MemoryBudget(0).limit).to.equal(heap / 4)
    expect(new MemoryBudget(0, gigabyte).assured).to.equal(64 * megabyte)
    expect(new MemoryBudget(8, gigabyte).assured).to.equal(32 * megabyte)
  })

  it('counts freed memory for all hosts', () => {
    const budget = new MemoryBudget(2, gigabyte)
    const memory = new HostMemory('web1', budget)
    memory.hold('one', 10)
    memory.hold('two', 5)
    memory.hold('one', 4)
    expect(budget.used).to.equal(9)
    memory.free('one')
    memory.free('two')
    expect(budget.used).to.equal(0)
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

import { expect } from 'chai'

import { memorySize } from '../../../src/engine/machine/memory-size.ts'
import { lazyMapping } from '../../../src/variables/lazy-mapping.ts'

const megabyte = 1024 * 1024

describe('the size of a value in memory', () => {
  for (const [title, value, bytes] of [
    ['counts a byte for each character of a long ASCII text', 'a'.repeat(megabyte), megabyte],
    ['counts two bytes for each character of another long text', 'ж'.repeat(megabyte), 2 * megabyte],
    ['counts the bytes of a buffer', Buffer.alloc(megabyte), megabyte],
    ['counts texts in objects in lists', [{ text: ['a'.repeat(megabyte)] }], megabyte],
    ['counts the one line of an output once', output('a'.repeat(megabyte)), megabyte],
    ['counts 40 bytes for each line of an output', output('\n'.repeat(megabyte)), 41 * megabyte],
    [
      'counts lines that are not those of the text',
      { stdout: '', stdout_lines: ['a'.repeat(megabyte)] },
      megabyte,
    ],
  ] as const)
    it(title, () => {
      expect(memorySize(value) / bytes).to.be.within(1, 1.01)
    })

  it('ends at the limit, also for a value that contains itself', () => {
    const value: unknown[] = []
    value.push(value)
    expect(memorySize(value, megabyte)).to.be.within(megabyte, megabyte + 100)
  })

  it('reads nothing that is made when it is read', () => {
    const hosts = lazyMapping(new Set(['web1']), () => {
      throw new Error('it was read')
    })
    expect(memorySize({ hosts })).to.be.below(200)
  })
})

function output(stdout: string): Readonly<Record<string, unknown>> {
  return { stdout, stdout_lines: stdout.split('\n') }
}

import { expect } from 'chai'

import { memorySize } from '../../../src/engine/machine/memory-size.ts'
import { lazyMapping } from '../../../src/variables/lazy-mapping.ts'

const megabyte = 1024 * 1024

describe('memorySize', () => {
  for (const [title, value, bytes] of [
    ['counts one byte for each character of a long ASCII string', 'a'.repeat(megabyte), megabyte],
    ['counts two bytes for each character of any other long string', 'ж'.repeat(megabyte), 2 * megabyte],
    ['counts the bytes of a buffer', Buffer.alloc(megabyte), megabyte],
    ['counts strings in objects in lists', [{ text: ['a'.repeat(megabyte)] }], megabyte],
    ['counts 40 bytes for each empty object', Array.from({ length: 10_000 }, () => ({})), 400_000],
    ['counts 8 bytes for each number', Array.from({ length: 100_000 }, (_, index) => index), 800_000],
    ['counts 40 bytes for each empty string', Array.from({ length: 10_000 }, () => ''), 400_000],
    ['counts the one line of an output once', output('a'.repeat(megabyte)), megabyte],
    [
      'counts the lines of any text once',
      { body: 'a'.repeat(megabyte), body_lines: ['a'.repeat(megabyte)] },
      megabyte,
    ],
    [
      'counts both lists of lines of two texts',
      { ...output('a'.repeat(megabyte)), body: 'x', body_lines: ['a'.repeat(megabyte)] },
      2 * megabyte,
    ],
    ['counts 40 bytes for each line of an output', output('\n'.repeat(megabyte)), 41 * megabyte],
    [
      'counts lines that are not part of the text',
      { stdout: '', stdout_lines: ['a'.repeat(megabyte)] },
      megabyte,
    ],
  ] as const)
    it(title, () => {
      expect(memorySize(value) / bytes).to.be.within(1, 1.01)
    })

  it('stops at the limit, even for a value that contains itself', () => {
    const value: unknown[] = []
    value.push(value)
    expect(memorySize(value, megabyte)).to.be.within(megabyte, megabyte + 100)
  })

  it('does not read lazy values', () => {
    const hosts = lazyMapping(new Set(['web1']), () => {
      throw new Error('it was read')
    })
    expect(memorySize({ hosts })).to.be.below(200)
  })
})

function output(stdout: string): Readonly<Record<string, unknown>> {
  return { stdout, stdout_lines: stdout.split('\n') }
}

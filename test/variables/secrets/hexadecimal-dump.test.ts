import { expect } from 'chai'

import { separatesDigits } from '../../../src/variables/secrets/hexadecimal-dump.ts'

describe('separatesDigits', () => {
  const cases: [text: string, separates: boolean][] = [
    ['6a:6b:6c:6d', true],
    ['6A:6B:6C:6D', true],
    ['0x6A, 0x6B, 0x6C, 0x6D', true],
    ['6A00 6B00', true],
    ['2024-11-30', false],
    ['jk:lm:no:pq', false],
  ]
  for (const [text, separates] of cases)
    it(`returns ${String(separates)} for ${text}`, () => {
      expect(separatesDigits({ symbols: text, written: text })).to.equal(separates)
    })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { visible, visibleJson, visibleLine } from '../../src/report/visible.ts'

describe('visible', () => {
  const cases: readonly [string, string, string][] = [
    ['escapes a sequence that sets the title', '\u001b]0;PWNED\u0007', '\\x1b]0;PWNED\\x07'],
    ['escapes a sequence that starts with a C1 character', '\u009b2J', '\\x9b2J'],
    ['escapes a carriage return and a backspace', 'failed\r\b ok', 'failed\\r\\x08 ok'],
    ['escapes the delete character', 'a\u007f', 'a\\x7f'],
    ['escapes a change of the text direction', 'v1\u202e0.2\u2066', 'v1\\u202e0.2\\u2066'],
    ['escapes invisible characters', 'v1\u200b\u00ad\u3164', 'v1\\u200b\\xad\\u3164'],
    ['escapes tag characters', 'v\u{e0041}', 'v\\u{e0041}'],
    ['escapes a variation selector that does not follow a symbol', 'v1\ufe0f', 'v1\\ufe0f'],
    ['escapes line separators of Unicode', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['keeps lines, tabs, letters of all scripts and symbols', 'é\t中\nשלום ⚠️ ‹›→', 'é\t中\nשלום ⚠️ ‹›→'],
  ]
  for (const [title, text, shown] of cases)
    it(title, () => {
      expect(visible(text)).to.equal(shown)
    })

  it('escapes newlines in a string that must fit on one line', () => {
    expect(visibleLine('a\nok  web1')).to.equal('a\\nok  web1')
  })

  it('escapes all control characters in any string', () => {
    const character = fc.oneof(
      fc.integer({ min: 0, max: 0x9f }).map((code) => String.fromCodePoint(code)),
      fc.integer({ min: 0x200b, max: 0x2069 }).map((code) => String.fromCodePoint(code)),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const hostile = fc.string({ unit: character })
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visible(text)).not.to.match(/(?![\n\t])[\p{Cc}\p{Cf}]/u)
      }),
    )
  })

  it('escapes control characters in JSON without changing the data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = visibleJson(JSON.stringify({ [text]: text }))
        expect(json).not.to.match(/[\p{Cc}\p{Cf}]/u)
        expect(JSON.parse(json)).to.deep.equal({ [text]: text })
      }),
    )
  })

  it('takes linear time', () => {
    const text = '\u001b'.repeat(1_000_000)
    const started = performance.now()
    expect(visible(text)).to.have.length(4_000_000)
    expect(performance.now() - started).to.be.below(5000)
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { decodeField, sqlAccount, sqlName, sqlText } from '../../../src/state/mysql/sql.ts'

const anyText = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
const nasty = fc.stringMatching(/^['"`\\\n\r\t$()%_; -]*$/)

describe('sqlText', () => {
  it('quotes a string as one literal on one line', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nasty), (text) => {
        const literal = sqlText(text)
        expect(literal).not.to.match(/[\n\r]/)
        // A literal of the grammar: quotes inside are doubled or escaped.
        expect(literal).to.match(/^'(?:[^'\\]|''|\\[^])*'$/)
        expect(meaningOf(literal)).to.equal(text)
      }),
    )
  })

  it('rejects a NUL byte', () => {
    expect(() => sqlText('a\0b')).to.throw('NUL')
    expect(() => sqlName('a\0b')).to.throw('NUL')
  })

  it('quotes an account and its host', () => {
    expect(sqlAccount("o'neil", '10.0.%')).to.equal("'o''neil'@'10.0.%'")
  })
})

describe('sqlName', () => {
  it('escapes quotes in a name', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nasty), (name) => {
        const quoted = sqlName(name)
        expect(quoted).to.match(/^`(?:[^`]|``)*`$/)
        expect(quoted.slice(1, -1).replaceAll('``', '`')).to.equal(name)
      }),
    )
  })
})

describe('decodeField', () => {
  it('returns the value of the server', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const printed = text.replaceAll(/[\n\t\0\\]/g, (character) => escapes[character] ?? '')
        expect(decodeField(printed)).to.equal(text)
      }),
    )
  })
})

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\0': '\\0', '\\': '\\\\' }

/** Decodes a literal as the manual of the server defines it. */
function meaningOf(literal: string): string {
  const meanings: Readonly<Record<string, string>> = { n: '\n', r: '\r', Z: '\x1a' }
  return literal
    .slice(1, -1)
    .replaceAll(/''|\\([^])/g, (_, letter: string | undefined) =>
      letter === undefined ? "'" : (meanings[letter] ?? letter),
    )
}

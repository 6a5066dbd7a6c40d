import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { NothingMatchedError, UsageError, UserError } from '../../src/errors.ts'
import { parseExtraVars } from '../../src/variables/extra-vars.ts'

function values(...texts: readonly string[]): Record<string, unknown> {
  return Object.assign(
    {},
    ...parseExtraVars(texts).map((layer) => Object.fromEntries(layer.values)),
  ) as Record<string, unknown>
}

describe('variables of the command line', () => {
  const cases: [string, Record<string, unknown>][] = [
    ['flag=false', { flag: false }],
    ['flag=yes', { flag: true }],
    ['n=5', { n: 5 }],
    ['mode=0644', { mode: '0644' }],
    ['a=1 b=two', { a: 1, b: 'two' }],
    ['a="5"', { a: '5' }],
    [`a='x y' b="it's"`, { a: 'x y', b: "it's" }],
    ['a="say \\"hi\\""', { a: 'say "hi"' }],
    ['a=', { a: null }],
    ["a=''", { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=<%=b%>', { a: '<%=b%>' }],
    ["a=it's", { a: "it's" }],
    ['{"a": false, "b": [1, {"c": "x"}]}', { a: false, b: [1, { c: 'x' }] }],
    ['{a: yes}', { a: true }],
  ]
  for (const [text, expected] of cases) {
    it(`reads ${text}`, () => {
      expect(values(text)).to.deep.equal(expected)
    })
  }

  it('reads files, and the last value takes precedence', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hostwright-extra-'))
    try {
      const path = join(folder, 'x.yml')
      writeFileSync(path, 'a: 1\nb: 2\n')
      expect(values(`@${path}`, 'b=3')).to.deep.equal({ a: 1, b: 3 })
      const [layer] = parseExtraVars([`@${path}`])
      expect(layer?.at?.('b')).to.deep.equal({ file: path, line: 2, column: 4 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  for (const text of ['nothing', 'a=1 b', 'a-b=1', '=1', '1a=2']) {
    it(`rejects ${text}`, () => {
      expect(() => values(text)).to.throw(UsageError)
    })
  }

  it('rejects invalid JSON', () => {
    expect(() => values('{"a": ')).to.throw(UsageError, 'flow map must end with a }')
  })

  it('reports a missing file and a directory', () => {
    expect(() => values('@/nowhere.yml')).to.throw(NothingMatchedError, /^no such file: \/nowhere\.yml$/)
    expect(() => values('@/')).to.throw(UserError, /^cannot read \/: it is a directory$/)
  })
})

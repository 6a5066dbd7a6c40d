import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

import { replace, replaceMatches } from '../../src/modules/replace.ts'
import { converge } from './harness.ts'

const cases = [
  ['every match', 'a1 a2\na3', { regexp: 'a(\\d)', replace: 'b\\1' }, 'b1 b2\nb3'],
  ['at every line', 'a\na\n', { regexp: '^a$', replace: 'b' }, 'b\nb\n'],
  ['nothing without a match', 'a', { regexp: 'z', replace: 'b' }, 'a'],
  ['by an empty string', 'abc', { regexp: 'b', replace: '' }, 'ac'],
  ['after a place', 'a [x] a', { regexp: 'a', replace: 'b', after: '\\[x\\]' }, 'a [x] b'],
  ['before a place', 'a [x] a', { regexp: 'a', replace: 'b', before: '\\[x\\]' }, 'b [x] a'],
  ['between places', 'a(\na)a', { regexp: 'a', replace: 'b', after: '\\(', before: '\\)' }, 'a(\nb)a'],
  ['nothing if the place is missing', 'a', { regexp: 'a', replace: 'b', after: 'z' }, 'a'],
  ['with a named group', 'k=1', { regexp: '(?P<key>\\w)=1', replace: '\\g<key>=2\\n' }, 'k=2\n'],
  ['without a special meaning of $', 'a', { regexp: 'a', replace: '$& $1' }, '$& $1'],
] as const

describe('replace', () => {
  for (const [object, text, edit, becomes] of cases)
    it(`replaces ${object}`, () => {
      expect(replaceMatches(text, edit)).to.equal(becomes)
    })

  it('keeps bytes that are not valid UTF-8', async () => {
    const directory = mkdtempSync(join(tmpdir(), "it's a replace "))
    try {
      const path = join(directory, 'file')
      writeFileSync(path, Buffer.from([0xe4, 0x20, 0xc3, 0xa9, 0x0a]))
      await converge(replace, { path, regexp: 'é$', replace: 'ü' })
      expect(readFileSync(path)).to.deep.equal(Buffer.from([0xe4, 0x20, 0xc3, 0xbc, 0x0a]))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it('rejects an invalid pattern', () => {
    expect(replace.params.safeParse({ path: '/x', regexp: '(' }).success).to.equal(false)
  })
})

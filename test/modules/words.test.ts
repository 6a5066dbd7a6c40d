import { expect } from 'chai'
import fc from 'fast-check'

import { joinWords, splitWords } from '../../src/modules/words.ts'

describe('the words of a command line', () => {
  const table: [string, string[]][] = [
    ['', []],
    ['  ls   -l\n/tmp\t', ['ls', '-l', '/tmp']],
    [`echo 'a b' "c d"`, ['echo', 'a b', 'c d']],
    [`a'b'"c"d`, ['abcd']],
    [`'' ""`, ['', '']],
    [`"a\\"b" "c\\\\d" "e\\f"`, ['a"b', 'c\\d', 'e\\f']],
    [`a\\ b 'c\\d'`, ['a b', 'c\\d']],
    [
      'echo $HOME * `id` $(id) | & ; >x #y',
      ['echo', '$HOME', '*', '`id`', '$(id)', '|', '&', ';', '>x', '#y'],
    ],
  ]
  for (const [line, words] of table) {
    it(`of ${JSON.stringify(line)} are as Python's shlex takes them`, () => {
      expect(splitWords(line)).to.deep.equal(words)
    })
  }

  it('cannot be told when a quote is open', () => {
    expect(() => splitWords(`echo 'it`)).to.throw("a ' is not closed")
    expect(() => splitWords('echo "it')).to.throw('a " is not closed')
    expect(() => splitWords('echo \\')).to.throw('nothing follows the last backslash')
  })

  it('survive being joined and split', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(joinWords(words))).to.deep.equal(words)
      }),
    )
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { joinWords, splitWords, wordsOfLine } from '../../src/text/shell-words.ts'

describe('splitWords, wordsOfLine and joinWords', () => {
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
    it(`splits ${JSON.stringify(line)} like Python's shlex`, () => {
      expect(splitWords(line)).to.deep.equal(words)
    })
  }

  it('rejects an unclosed quote', () => {
    expect(() => splitWords(`echo 'it`)).to.throw("unclosed quote '")
    expect(() => splitWords('echo "it')).to.throw('unclosed quote "')
    expect(() => splitWords('echo \\')).to.throw('unexpected backslash at the end')
  })

  it('splits joined words into the same words', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(splitWords(joinWords(words))).to.deep.equal(words)
      }),
    )
  })

  const inventory: [string, [text: string, start: number, quoted: boolean][]][] = [
    [
      'web1  a=1',
      [
        ['web1', 0, false],
        ['a=1', 6, false],
      ],
    ],
    [
      `a='1 2' b="3" c=4"5"`,
      [
        ['a=1 2', 0, true],
        ['b=3', 8, true],
        ['c=45', 14, false],
      ],
    ],
    ['a=1#2 # b=3', [['a=1#2', 0, false]]],
    [
      `a="#" b`,
      [
        ['a=#', 0, true],
        ['b', 6, false],
      ],
    ],
    [
      `a=it's b`,
      [
        ["a=it's", 0, false],
        ['b', 7, false],
      ],
    ],
    ['a=b\\', [['a=b\\', 0, false]]],
    ['# web1', []],
  ]
  for (const [line, words] of inventory) {
    it(`returns the offsets of the words in the inventory line ${JSON.stringify(line)}`, () => {
      expect(wordsOfLine(line).map(({ text, start, quoted }) => [text, start, quoted])).to.deep.equal(words)
    })
  }
})

import { expect } from 'chai'

import { InvalidInputError } from '../../src/errors.ts'
import { excerpt } from '../../src/yaml/excerpt.ts'
import { parseYaml } from '../../src/yaml/yaml-document.ts'

describe('the excerpt of a file', () => {
  const spellings: readonly [string, string][] = [
    ['in the line of its tag', 'a: !secret hunter2\nb: 1'],
    ['in quotes', 'a: !secret "hunter2"\nb: 1'],
    ['in the line below its tag', 'a: !secret\n  hunter2\nb: 1'],
    ['in a block', 'a: !secret |\n  first\n  hunter2\n\n  hunter2\nb: 1'],
    ['in a folded block', 'a: !secret >-\n  first\n  hunter2\nb: 1'],
    ['in quotes over several lines', 'a: !secret "first\n  hunter2\n  hunter2"\nb: 1'],
    ['in a plain scalar over several lines', 'a: !secret first\n  hunter2\nb: 1'],
    ['in an item of a list', 'a:\n  - !secret |\n    hunter2\n  - 1\nb: 1'],
    ['in an item with a key', 'a:\n  - name: x\n    c: !secret |\n      hunter2\n    d: 1\nb: 1'],
    ['in a flow mapping', 'a: {c: 1, d: !secret hunter2, e: !secret "hunter2"}\nb: 1'],
    ['in a flow mapping over several lines', 'a: {\n      d: !secret "first\n  hunter2", c: 1}\nb: 1'],
    ['with an anchor', 'a: &x !secret |\n  hunter2\nb: 1'],
    ['with an anchor after the tag', 'a: !secret &x\n  hunter2\nb: 1'],
    ['with the tag in its long form', 'a: !<!secret> |\n  hunter2\nb: 1'],
    ['in an invalid file', 'a: !secret |\n  hunter2\n]: {\nb: 1'],
    ['in lines with Windows line ends', 'a: !secret |\r\n  hunter2\r\nb: 1'],
  ]
  for (const [title, text] of spellings)
    it(`hides a secret ${title}, but not the next line`, () => {
      const lines = text.split('\n')
      const shown = lines.map((_, index) => excerpt({ file: 'x.yml', line: index + 1, column: 99 }, text))
      expect(text).to.contain('hunter2')
      expect(shown.join('\n')).not.to.contain('hunter2')
      expect(shown.at(-1)).to.contain('| b: 1\n')
    })

  it('has its caret at the start of the hidden text', () => {
    expect(excerpt({ file: 'x.yml', line: 1, column: 12 }, 'a: !secret hunter2')).to.equal(
      '  1 | a: !secret …\n    |            ^',
    )
  })

  it('shows lines next to a secret', () => {
    const text = 'a:\n  - name: x\n    c: !secret |\n      hunter2\n    d: 1'
    expect(excerpt({ file: 'x.yml', line: 5, column: 5 }, text)).to.equal('  5 |     d: 1\n    |     ^')
  })
})

describe('an error of YAML at a secret', () => {
  const broken = [
    '>hunter2',
    '|hunter2',
    '|2hunter2',
    '*hunter2',
    '@hunter2',
    ']hunter2',
    '[hunter2',
    '"a" hunter2',
    '{hunter2: 1}',
  ]
  for (const value of broken)
    it(`does not quote the secret: !secret ${value}`, () => {
      let message: string | undefined
      try {
        parseYaml(`a: !secret ${value}\n`, 'x.yml')
      } catch (error) {
        if (error instanceof InvalidInputError) message = error.message
      }
      expect(message).to.be.a('string').and.not.contain('hunter2')
    })
})

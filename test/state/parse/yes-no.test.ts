import { expect } from 'chai'

import { yesNoAnswers } from '../../../src/state/parse/yes-no.ts'

describe('yesNoAnswers', () => {
  it('reads one line for each question', () => {
    expect(yesNoAnswers('yes\nno\nyes\n', [1, 2, 3])).to.deep.equal([true, false, true])
    expect(yesNoAnswers('', [])).to.deep.equal([])
  })

  for (const [title, output] of [
    ['a missing answer', 'yes\n'],
    ['an extra answer', 'yes\nno\nno\n'],
    ['another word', 'yes\nmaybe\n'],
    ['an empty line', 'yes\n\n'],
  ] as const)
    it(`rejects ${title}`, () => {
      expect(() => yesNoAnswers(output, [1, 2])).to.throw()
    })
})

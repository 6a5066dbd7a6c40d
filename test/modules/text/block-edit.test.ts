import { expect } from 'chai'
import fc from 'fast-check'

import { type BlockEdit, editBlock, IncompleteBlock } from '../../../src/modules/text/block-edit.ts'

const base: BlockEdit = {
  state: 'present',
  block: 'x\ny\n',
  begin: '# BEGIN',
  end: '# END',
  prepend_newline: false,
  append_newline: false,
}
const block = '# BEGIN\nx\ny\n# END\n'

const cases: readonly { it: string; text: string; edit: Partial<BlockEdit>; becomes: string }[] = [
  { it: 'appends a block', text: 'a\n', edit: {}, becomes: `a\n${block}` },
  { it: 'ends the last line first', text: 'a', edit: {}, becomes: `a\n${block}` },
  {
    it: 'accepts a block without a newline at its end',
    text: block,
    edit: { block: 'x\ny' },
    becomes: block,
  },
  {
    it: 'replaces the block where it is, whatever insertafter says',
    text: 'a\n# BEGIN\nold\n# END\nb\n',
    edit: { insertafter: '^b' },
    becomes: `a\n${block}b\n`,
  },
  { it: 'inserts after a match', text: 'a\nb\n', edit: { insertafter: '^a' }, becomes: `a\n${block}b\n` },
  { it: 'inserts at the beginning', text: 'a\n', edit: { insertbefore: 'BOF' }, becomes: `${block}a\n` },
  {
    it: 'adds blank lines around the block',
    text: 'a\nb\n',
    edit: { insertafter: '^a', prepend_newline: true, append_newline: true },
    becomes: `a\n\n${block}\nb\n`,
  },
  {
    it: 'keeps Windows line ends',
    text: 'a\r\n',
    edit: { block: 'x' },
    becomes: 'a\r\n# BEGIN\r\nx\r\n# END\r\n',
  },
  { it: 'removes the block', text: `a\n${block}b`, edit: { state: 'absent' }, becomes: 'a\nb' },
  {
    it: 'removes the block if the new one is empty',
    text: `a\n${block}`,
    edit: { block: '\n' },
    becomes: 'a\n',
  },
  {
    it: 'changes nothing if there is no block to remove',
    text: 'a',
    edit: { state: 'absent' },
    becomes: 'a',
  },
]

describe('editing a block', () => {
  for (const { it: title, text, edit, becomes } of cases)
    it(title, () => {
      expect(editBlock(text, { ...base, ...edit })).to.equal(becomes)
    })

  for (const text of ['# BEGIN\nx\n', 'x\n# END\n'])
    it(`rejects a block with one marker: ${JSON.stringify(text)}`, () => {
      expect(() => editBlock(text, base)).to.throw(IncompleteBlock)
    })

  it('changes nothing the second time, and removes the block without a trace', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', ''))
      .map((lines) => lines.map((line) => `${line}\n`).join(''))
    const edits = fc.record({
      insertafter: fc.constantFrom('^a', 'EOF', undefined),
      prepend_newline: fc.boolean(),
      append_newline: fc.boolean(),
      block: fc
        .array(fc.constantFrom('x', '', '$1 $&'), { minLength: 1 })
        .map((lines) => ['y', ...lines].join('\n')),
    })
    fc.assert(
      fc.property(text, edits, (before, some) => {
        const edit = { ...base, ...some }
        const after = editBlock(before, edit)
        expect(editBlock(after, edit)).to.equal(after)
        expect(after).to.include(`# BEGIN\n${edit.block.replace(/\n$/, '')}\n`)
        if (!edit.prepend_newline && !edit.append_newline)
          expect(editBlock(after, { ...edit, state: 'absent' })).to.equal(before)
      }),
    )
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { editLine, type LineEdit } from '../../../src/modules/text/line-edit.ts'

const present = { state: 'present', backrefs: false, firstmatch: false } as const
const absent = { ...present, state: 'absent' } as const

interface Case {
  readonly it: string
  readonly text: string
  readonly edit: LineEdit
  readonly becomes: string
}

const cases: readonly Case[] = [
  { it: 'appends to an empty text', text: '', edit: { ...present, line: 'x' }, becomes: 'x\n' },
  { it: 'appends at the end', text: 'a\n', edit: { ...present, line: 'x' }, becomes: 'a\nx\n' },
  {
    it: 'appends several lines',
    text: 'a\n',
    edit: { ...present, line: 'x\ny\n' },
    becomes: 'a\nx\ny\n',
  },
  {
    it: 'changes nothing if several lines stand together',
    text: 'x\nx\ny\nb\n',
    edit: { ...present, line: 'x\ny', regexp: '^.$' },
    becomes: 'x\nx\ny\nb\n',
  },
  {
    it: 'adds several lines that only stand apart',
    text: 'x\nb\ny\n',
    edit: { ...present, line: 'x\ny', insertbefore: '^b' },
    becomes: 'x\nx\ny\nb\ny\n',
  },
  {
    it: 'replaces a line without an end by several',
    text: 'a\nk=1',
    edit: { ...present, line: 'k=2\nk=3', regexp: '^k=' },
    becomes: 'a\nk=2\nk=3\n',
  },
  {
    it: 'writes several lines with Windows line ends',
    text: 'a\r\nk=1\r\n',
    edit: { ...present, line: 'k=2\nk=3', regexp: '^k=' },
    becomes: 'a\r\nk=2\r\nk=3\r\n',
  },
  {
    it: 'treats a carriage return at the end of the line as its end',
    text: 'a\r\nk=1\r\n',
    edit: { ...present, line: 'k=1\r' },
    becomes: 'a\r\nk=1\r\n',
  },
  {
    it: 'replaces a line by several with backrefs',
    text: 'a\r\nk=1\r\n',
    edit: { ...present, line: '\\1\n\\1\\2', regexp: '^(k)=1(x)?', backrefs: true },
    becomes: 'a\r\nk\r\nk\r\n',
  },
  {
    it: 'removes several lines that stand together',
    text: 'x\nx\ny\ny\nx\ny\n',
    edit: { ...absent, line: 'x\ny\n' },
    becomes: 'x\ny\n',
  },
  { it: 'ends a last line first', text: 'a', edit: { ...present, line: 'x' }, becomes: 'a\nx\n' },
  {
    it: 'changes nothing if the line exists anywhere',
    text: 'x\nb',
    edit: { ...present, line: 'x', insertafter: 'b' },
    becomes: 'x\nb',
  },
  {
    it: 'replaces the last match',
    text: 'k=1\nk=2\nz\n',
    edit: { ...present, line: 'k=3', regexp: '^k=' },
    becomes: 'k=1\nk=3\nz\n',
  },
  {
    it: 'replaces the first match with firstmatch',
    text: 'k=1\nk=2\n',
    edit: { ...present, line: 'k=3', regexp: '^k=', firstmatch: true },
    becomes: 'k=3\nk=2\n',
  },
  {
    it: 'changes nothing if the last match is the line',
    text: 'k=1\nk=9\n',
    edit: { ...present, line: 'k=9', regexp: '^k=' },
    becomes: 'k=1\nk=9\n',
  },
  {
    it: 'replaces only one of several comments',
    text: '#Port 1\n#Port 2\n',
    edit: { ...present, line: 'Port 3', regexp: '^#Port' },
    becomes: '#Port 1\nPort 3\n',
  },
  {
    it: 'changes nothing if the line exists and the pattern matches only others',
    text: '#Port 1\nPort 3\n',
    edit: { ...present, line: 'Port 3', regexp: '^#Port' },
    becomes: '#Port 1\nPort 3\n',
  },
  {
    it: 'appends if the pattern does not match',
    text: 'a\n',
    edit: { ...present, line: 'x', regexp: '^k=' },
    becomes: 'a\nx\n',
  },
  {
    it: 'ignores insertafter if the pattern matches',
    text: 'k=1\na\n',
    edit: { ...present, line: 'k=2', regexp: '^k=', insertafter: '^a' },
    becomes: 'k=2\na\n',
  },
  {
    it: 'inserts after the last match',
    text: 'a\nb\na\nc\n',
    edit: { ...present, line: 'x', insertafter: '^a' },
    becomes: 'a\nb\na\nx\nc\n',
  },
  {
    it: 'inserts after the first match with firstmatch',
    text: 'a\nb\na\n',
    edit: { ...present, line: 'x', insertafter: '^a', firstmatch: true },
    becomes: 'a\nx\nb\na\n',
  },
  {
    it: 'inserts before the last match',
    text: 'a\nb\na\n',
    edit: { ...present, line: 'x', insertbefore: '^a' },
    becomes: 'a\nb\nx\na\n',
  },
  {
    it: 'inserts at the beginning',
    text: 'a\n',
    edit: { ...present, line: 'x', insertbefore: 'BOF' },
    becomes: 'x\na\n',
  },
  {
    it: 'inserts at the end if no line matches',
    text: 'a\nb\n',
    edit: { ...present, line: 'x', insertbefore: '^z' },
    becomes: 'a\nb\nx\n',
  },
  {
    it: 'inserts after a last line without an end',
    text: 'a',
    edit: { ...present, line: 'x', insertafter: '^a' },
    becomes: 'a\nx\n',
  },
  {
    it: 'puts groups into the line with backrefs',
    text: 'key = old # why\n',
    edit: { ...present, line: '\\1new\\g<rest>', regexp: '^(key = )\\w+(?P<rest>.*)$', backrefs: true },
    becomes: 'key = new # why\n',
  },
  {
    it: 'changes nothing with backrefs if the pattern does not match',
    text: 'a\n',
    edit: { ...present, line: '\\1', regexp: '^(k)', backrefs: true },
    becomes: 'a\n',
  },
  {
    it: 'writes the line literally without backrefs',
    text: 'k\n',
    edit: { ...present, line: '\\1 $& $1 "\'', regexp: '^k' },
    becomes: '\\1 $& $1 "\'\n',
  },
  {
    it: 'finds a literal string',
    text: 'a.c\nabc\n',
    edit: { ...present, line: 'x', search_string: 'a.c' },
    becomes: 'x\nabc\n',
  },
  {
    it: 'keeps Windows line ends in a replaced line',
    text: 'a\r\nk=1\r\n',
    edit: { ...present, line: 'k=2', regexp: '^k' },
    becomes: 'a\r\nk=2\r\n',
  },
  {
    it: 'adds a line with a Windows line end',
    text: 'a\r\n',
    edit: { ...present, line: 'x' },
    becomes: 'a\r\nx\r\n',
  },
  {
    it: 'distinguishes lines by trailing spaces',
    text: 'x \n',
    edit: { ...present, line: 'x' },
    becomes: 'x \nx\n',
  },
  {
    it: 'accepts inline flags',
    text: 'KEY\n',
    edit: { ...present, line: 'x', regexp: '(?i)^key' },
    becomes: 'x\n',
  },
  { it: 'removes every match', text: 'k=1\na\nk=2', edit: { ...absent, regexp: '^k' }, becomes: 'a\n' },
  { it: 'removes an exact line', text: 'x\nxx\nx\n', edit: { ...absent, line: 'x' }, becomes: 'xx\n' },
  {
    it: 'removes lines that contain a string',
    text: 'a.c\nabc\n',
    edit: { ...absent, search_string: '.' },
    becomes: 'abc\n',
  },
  {
    it: 'changes nothing if there is no line to remove',
    text: 'a',
    edit: { ...absent, line: 'x' },
    becomes: 'a',
  },
]

describe('editing a line', () => {
  for (const { it: title, text, edit, becomes } of cases)
    it(title, () => {
      expect(editLine(text, edit)).to.equal(becomes)
    })

  const text = fc
    .array(fc.constantFrom('a', 'k=1', 'k=2', '#k', '', '\n', '\r\n'))
    .map((pieces) => pieces.join(''))
  const pattern = fc.option(fc.constantFrom('^k=', '^#?k', 'a', '^z'), { nil: undefined })
  const edits: fc.Arbitrary<LineEdit> = fc.record({
    state: fc.constantFrom('present', 'absent'),
    line: fc.constantFrom('k=1', 'k=3', 'a', 'z'),
    regexp: pattern,
    insertafter: pattern,
    backrefs: fc.constant(false),
    firstmatch: fc.boolean(),
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(text, edits, (before, edit) => {
        const after = editLine(before, edit)
        expect(editLine(after, edit)).to.equal(after)
      }),
    )
  })

  it('does not change other lines', () => {
    fc.assert(
      fc.property(text, edits, (before, edit) => {
        const after = editLine(before, { ...edit, state: 'present' })
        const lines = (of: string): string[] => of.split(/\r?\n/).filter((line) => line !== '')
        expect(lines(after).length - lines(before).length).to.be.oneOf([0, 1])
        expect(lines(after)).to.include(edit.line)
      }),
    )
  })
})

import { expect } from 'chai'
import fc from 'fast-check'

import { editIni, type IniEdit } from '../../../src/modules/text/ini-edit.ts'

const base: IniEdit = {
  state: 'present',
  section: 'a',
  option: 'k',
  values: ['1'],
  exclusive: true,
  no_extra_spaces: false,
  ignore_spaces: false,
  allow_no_value: false,
  modify_inactive_option: true,
}

interface Case {
  readonly it: string
  readonly text: string
  readonly edit: Partial<IniEdit>
  readonly becomes: string
}

const cases: readonly Case[] = [
  { it: 'creates a section and an option', text: '', edit: {}, becomes: '[a]\nk = 1\n' },
  {
    it: 'adds a blank line before a new section',
    text: '[b]\nx=1',
    edit: {},
    becomes: '[b]\nx=1\n\n[a]\nk = 1\n',
  },
  { it: 'changes a value', text: '[a]\nk = 2\n[b]\nk = 2\n', edit: {}, becomes: '[a]\nk = 1\n[b]\nk = 2\n' },
  {
    it: 'recognizes a value with a line separator',
    text: '[a]\nk = x\u2028y\n',
    edit: { values: ['x\u2028y'] },
    becomes: '[a]\nk = x\u2028y\n',
  },
  { it: 'writes spaces around =', text: '[a]\nk=1\n', edit: {}, becomes: '[a]\nk = 1\n' },
  {
    it: 'writes no spaces with no_extra_spaces',
    text: '[a]\nk = 1\n',
    edit: { no_extra_spaces: true },
    becomes: '[a]\nk=1\n',
  },
  {
    it: 'ignores spaces with ignore_spaces',
    text: '[a]\nk=1\n',
    edit: { ignore_spaces: true },
    becomes: '[a]\nk=1\n',
  },
  {
    it: 'adds at the end of the section, before its blank lines',
    text: '[a]\nx = 1\n\n[b]\n',
    edit: {},
    becomes: '[a]\nx = 1\nk = 1\n\n[b]\n',
  },
  { it: 'adds to an empty section', text: '[a]\n\n[b]\n', edit: {}, becomes: '[a]\nk = 1\n\n[b]\n' },
  {
    it: 'replaces a commented-out option',
    text: '[a]\n;k = 5\nx = 1\n',
    edit: {},
    becomes: '[a]\nk = 1\nx = 1\n',
  },
  {
    it: 'keeps a commented-out option with modify_inactive_option: false',
    text: '[a]\n;k = 5\n',
    edit: { modify_inactive_option: false },
    becomes: '[a]\n;k = 5\nk = 1\n',
  },
  {
    it: 'replaces an active option rather than a commented-out one',
    text: '[a]\n;k = 5\nx = 1\nk = 2\n',
    edit: {},
    becomes: '[a]\n;k = 5\nx = 1\nk = 1\n',
  },
  {
    it: 'does not replace a comment in prose',
    text: '[a]\n; k\n; k is good\nx = 1\n',
    edit: {},
    becomes: '[a]\n; k\n; k is good\nx = 1\nk = 1\n',
  },
  {
    it: 'removes other lines of the same option',
    text: '[a]\nk = 2\nk = 1\nk = 3\n',
    edit: {},
    becomes: '[a]\nk = 1\n',
  },
  {
    it: 'keeps other lines of the same option with exclusive: false',
    text: '[a]\nk = 2\nx = 1\n',
    edit: { exclusive: false },
    becomes: '[a]\nk = 2\nk = 1\nx = 1\n',
  },
  {
    it: 'writes several values',
    text: '[a]\nk = 2\nx = 1\n',
    edit: { values: ['1', '2', '3'] },
    becomes: '[a]\nk = 2\nk = 1\nk = 3\nx = 1\n',
  },
  { it: 'writes an option without a value', text: '[a]\n', edit: { values: [] }, becomes: '[a]\nk\n' },
  { it: 'writes an empty value', text: '[a]\n', edit: { values: [''] }, becomes: '[a]\nk =\n' },
  {
    it: 'changes the part before the first section',
    text: 'x = 1\n[a]\nk = 2\n',
    edit: { section: undefined },
    becomes: 'x = 1\nk = 1\n[a]\nk = 2\n',
  },
  {
    it: 'accepts names with brackets and dots',
    text: '[www]\nphp_value[memory_limit] = 1M\n',
    edit: { section: 'www', option: 'php_value[memory_limit]', values: ['2M'] },
    becomes: '[www]\nphp_value[memory_limit] = 2M\n',
  },
  {
    it: 'accepts special characters in values',
    text: '[a]\n',
    edit: { values: ['"$1 $& = ; \\1"'] },
    becomes: '[a]\nk = "$1 $& = ; \\1"\n',
  },
  { it: 'keeps Windows line ends', text: '[a]\r\nk = 2\r\n', edit: {}, becomes: '[a]\r\nk = 1\r\n' },
  {
    it: 'creates a section without an option',
    text: 'x\n\n',
    edit: { option: undefined, values: [] },
    becomes: 'x\n\n[a]\n',
  },
  {
    it: 'removes an option',
    text: '[a]\nk = 1\nx = 1\n',
    edit: { state: 'absent', values: [] },
    becomes: '[a]\nx = 1\n',
  },
  {
    it: 'removes a value of an option',
    text: '[a]\nk = 1\nk = 2\n',
    edit: { state: 'absent', values: ['2'] },
    becomes: '[a]\nk = 1\n',
  },
  {
    it: 'removes a section',
    text: '[b]\n[a]\nk = 1\n[c]\n',
    edit: { state: 'absent', option: undefined, values: [] },
    becomes: '[b]\n[c]\n',
  },
  {
    it: 'changes nothing if there is no option to remove',
    text: '[b]\nk = 1\n',
    edit: { state: 'absent' },
    becomes: '[b]\nk = 1\n',
  },
]

describe('editing an INI file', () => {
  for (const { it: title, text, edit, becomes } of cases)
    it(title, () => {
      expect(editIni(text, { ...base, ...edit })).to.equal(becomes)
    })

  it('changes nothing the second time', () => {
    const text = fc
      .array(fc.constantFrom('[a]', '[b]', 'k = 1', 'k=2', 'k', ';k = 1', '; k', '', 'x = k = 1', '\r'))
      .chain((lines) => fc.constantFrom(lines.join('\n'), `${lines.join('\n')}\n`))
    const edits = fc.record({
      state: fc.constantFrom('present', 'absent'),
      section: fc.constantFrom('a', 'c', undefined),
      option: fc.constantFrom('k', 'new'),
      values: fc.uniqueArray(fc.constantFrom('1', '2', '')),
      exclusive: fc.boolean(),
      no_extra_spaces: fc.boolean(),
      ignore_spaces: fc.boolean(),
      allow_no_value: fc.constant(true),
      modify_inactive_option: fc.boolean(),
    })
    fc.assert(
      fc.property(text, edits, (before, edit) => {
        const after = editIni(before, edit)
        expect(editIni(after, edit)).to.equal(after)
      }),
      { numRuns: 1000 },
    )
  })
})

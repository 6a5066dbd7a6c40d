import { expect } from 'chai'
import fc from 'fast-check'

import { parseAssignments, splitFreeForm } from '../../../src/playbook/params/free-form.ts'
import { projectDialect } from '../../../src/variables/dialects.ts'

describe('Free-form parameters', () => {
  it('are words of the form name=value, with quotes and expressions', () => {
    const text = `path=/x mode='a b' owner="c \\"d\\"" when=<%= a ? "b c" : 'd' %> empty=`
    expect([...(parseAssignments(text, projectDialect) ?? [])]).to.deep.equal([
      ['path', '/x'],
      ['mode', 'a b'],
      ['owner', 'c "d"'],
      ['when', `<%= a ? "b c" : 'd' %>`],
      ['empty', ''],
    ])
  })

  it('are undefined if a word is not an assignment', () => {
    expect(parseAssignments('path=/x state', projectDialect)).to.equal(undefined)
    expect(parseAssignments('/x', projectDialect)).to.equal(undefined)
  })

  it('keep every quoted value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.string()), (values) => {
        const text = Object.entries(values)
          .map(([name, value]) => `${name}="${value.replaceAll(/[\\"]/g, '\\$&')}"`)
          .join(' ')
        expect(Object.fromEntries(parseAssignments(text, projectDialect) ?? [])).to.deep.equal({ ...values })
      }),
    )
  })

  it('are removed from both ends of a command, which is otherwise unchanged', () => {
    const split = splitFreeForm(
      'creates=/x  echo  "a  b" chdir=/y c=d removes=/z',
      new Set(['creates', 'removes', 'chdir']),
      projectDialect,
    )
    expect(split.text).to.equal('echo  "a  b" chdir=/y c=d')
    expect([...split.parameters]).to.deep.equal([
      ['creates', '/x'],
      ['removes', '/z'],
    ])
  })

  it('do not change a command without parameters', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(splitFreeForm(text, new Set(), projectDialect)).to.deep.equal({ text, parameters: new Map() })
      }),
    )
  })
})

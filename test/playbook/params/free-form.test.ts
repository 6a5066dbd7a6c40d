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

  it('are none when some word is no assignment', () => {
    expect(parseAssignments('path=/x state', projectDialect)).to.equal(undefined)
    expect(parseAssignments('/x', projectDialect)).to.equal(undefined)
  })

  it('keep every value that stands in quotes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.string()), (values) => {
        const text = Object.entries(values)
          .map(([name, value]) => `${name}="${value.replaceAll(/[\\"]/g, '\\$&')}"`)
          .join(' ')
        expect(Object.fromEntries(parseAssignments(text, projectDialect) ?? [])).to.deep.equal({ ...values })
      }),
    )
  })

  it('are cut off a command at both ends, and the command stays as it was written', () => {
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

  it('leave a command without them alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(splitFreeForm(text, new Set(), projectDialect)).to.deep.equal({ text, parameters: new Map() })
      }),
    )
  })
})

import { expect } from 'chai'

import { omit } from '../../src/variables/omit.ts'
import { renderDeep } from '../../src/variables/render-deep.ts'

describe('renderDeep', () => {
  it('replaces each text, and passes the keys that lead to it', () => {
    const value = { a: 'x', list: ['x', { deep: ['x', 1] }, null], none: undefined }
    const paths: (readonly (string | number)[])[] = []
    const rendered = renderDeep(value, ['vars'], (leaf, path) => {
      paths.push(path)
      return [leaf, paths.length]
    })
    expect(rendered).to.deep.equal({
      a: ['x', 1],
      list: [['x', 2], { deep: [['x', 3], 1] }, null],
      none: undefined,
    })
    expect(paths).to.deep.equal([
      ['vars', 'a'],
      ['vars', 'list', 0],
      ['vars', 'list', 1, 'deep', 0],
    ])
  })

  it('leaves out what is omitted in lists and mappings', () => {
    const value = { a: 'omit', b: ['omit', 'kept', 'omit'] }
    const rendered = renderDeep(value, [], (leaf) => (leaf === 'omit' ? omit : leaf))
    expect(rendered).to.deep.equal({ b: ['kept'] })
  })
})

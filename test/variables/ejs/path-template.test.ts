import { expect } from 'chai'
import fc from 'fast-check'

import { compileText } from '../../../src/variables/ejs/compile.ts'
import { compilePath, compilePathText } from '../../../src/variables/ejs/path-template.ts'
import { Scope } from '../../../src/variables/scope.ts'
import { layer, templated } from '../written.ts'

const values = {
  name: 'web',
  port: 80,
  on: true,
  list: [1, [2, 3]],
  nothing: null,
  deep: { er: { key: 'x' } },
}
const paths = [
  ...Object.keys(values),
  'deep.er',
  'deep.er.key',
  'list.length',
  'name.length',
  'missing',
  'deep.no',
]
const blank = fc.constantFrom('', ' ', '  ', '\n  ')
const tag = fc.tuple(blank, fc.constantFrom(...paths), blank)
const literal = fc.constantFrom('', '/', 'a b', '\n', "it's", '"', '\\', '${x}', '`', '% >', 'ä')

function outcomeOf(text: string): unknown {
  const scope = new Scope([layer(values)])
  try {
    return scope.render(templated(text))
  } catch (error) {
    return String(error).replace(/:\d+:\d+/, '')
  }
}

describe('a string that only prints paths', () => {
  it('compiles to the same as with the parser', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(literal, tag), { minLength: 1, maxLength: 4 }), literal, (parts, end) => {
        const write = (open: string, close: string): string =>
          parts
            .map(([text, [before, path, after]]) => `${text}<%=${before}${open}${path}${close}${after}%>`)
            .join('') + end
        const [quick, parsed] = [write('', ''), write('(', ')')]
        expect(outcomeOf(quick)).to.deep.equal(outcomeOf(parsed))
        const readsOf = (text: string) =>
          compileText(text).reads.map(({ path, optional }) => ({ path, optional }))
        expect(readsOf(quick)).to.deep.equal(readsOf(parsed))
        for (const { path, offset } of compileText(quick).reads)
          expect(quick.slice(offset)).to.satisfy((rest: string) => rest.startsWith(path.join('.')))
      }),
    )
  })

  for (const code of [
    'this',
    'true',
    'null',
    'new',
    'await',
    'Math',
    'undefined',
    'include',
    'fallback',
    'a?.b',
    'a[0]',
    '1',
    'a.b()',
    '',
  ])
    it(`leaves ${JSON.stringify(code)} to the parser`, () => {
      expect(compilePath(code, 0)).to.equal(undefined)
      expect(compilePathText(`x <%= ${code} %>`)).to.equal(undefined)
    })

  for (const text of ['<% a %>', '<%- a %>', '<%= a -%>', '<%% a %>', 'a <%= b', 'b %> a', '<%_ a %>'])
    it(`leaves ${JSON.stringify(text)} to EJS`, () => {
      expect(compilePathText(`<%= a %>${text}`)).to.equal(undefined)
    })
})

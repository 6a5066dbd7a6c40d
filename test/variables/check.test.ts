import { expect } from 'chai'

import {
  checkExpression,
  checkTemplate,
  checkText,
  freeNamesOfExpression,
  freeNamesOfText,
} from '../../src/variables/check.ts'
import { projectDialect } from '../../src/variables/dialects.ts'
import { parseYaml } from '../../src/yaml/yaml-document.ts'
import { at, expression as expressionOf, template } from './written.ts'

describe('the variables of an expression', () => {
  const cases: [string, string[]][] = [
    ['a', ['a@0']],
    ['a.b.c + d', ['a.b.c@0', 'd@8']],
    ['a["b"][c].d', ['a.b@0', 'c@7']],
    ['a[0].b', ['a.0.b@0']],
    ['a[true].b', ['a@0']],
    ['a?.b.c', ['a@0']],
    ['a.b?.c', ['a.b@0']],
    ['a.map((x) => x.y + z)', ['a@0', 'z@19']],
    ['((a, { b, c: [d], ...e } = f) => a + b + d + e)()', ['f@27']],
    ['(() => { const a = 1; let { b } = c; function d() { return a + b + d }; return d() })()', ['c@34']],
    ['(function again(n) { return n > 0 ? again(n - 1) : m })(3)', ['m@51']],
    ['({ a, b: c, [d]: 1 })', ['a@3', 'c@9', 'd@13']],
    ['`${a} ${b.c}`', ['a@3', 'b.c@8']],
    ['typeof a !== "undefined" && a.b', []],
    ['typeof a.b !== "undefined" && a.c', ['a.c@30']],
    ['a ?? b', ['b@5']],
    ['a.b ?? 1', []],
    ['a === undefined', []],
    ['fallback(() => a.b, c)', ['c@20']],
    ['Math.max(a, undefined, NaN)', ['a@9']],
    ['JSON.stringify(a) + process.env', ['a@15', 'process.env@20']],
    ['"key" in a', ['a@9']],
    ['a.length', ['a.length@0']],
    ['try_', ['try_@0']],
  ]
  for (const [expression, expected] of cases) {
    it(`are found in ${expression}`, () => {
      const found = freeNamesOfExpression(expressionOf(expression)).map(
        ({ path, offset }) => `${path.join('.')}@${offset}`,
      )
      expect(found).to.deep.equal(expected)
    })
  }

  it('are found in strings and templates with their positions', () => {
    const text =
      'a\n<% for (const one of list) { %>\n  <%= one.name %> <%- site.name %>\n<% } %><%# no %><%% no %>'
    const found = freeNamesOfText(text, projectDialect).map(
      ({ name, line, column }) => `${name} ${line}:${column}`,
    )
    expect(found).to.deep.equal(['list 2:22', 'site 3:23'])
    expect(freeNamesOfText('<%= a %>', projectDialect)).to.deep.equal([
      { name: 'a', path: ['a'], offset: 4, line: 1, column: 5 },
    ])
    expect(freeNamesOfText('plain', projectDialect)).to.deep.equal([])
  })
})

describe('the check of expressions', () => {
  it('accepts valid expressions', () => {
    expect(checkExpression(expressionOf('a.b === 1'))).to.deep.equal([])
    expect(checkText('a <%= b %> c', projectDialect, at)).to.deep.equal([])
    expect(checkText('a <%= b %>', projectDialect, at)).to.deep.equal([])
    expect(checkTemplate(template('<% if (a) { %>b<% } %>'))).to.deep.equal([])
  })

  const cases: [string, string, string?][] = [
    ['a ==', 'unexpected token'],
    ['a and b', "unexpected 'and'", "write '&&' for 'and'"],
    ['a or b', "unexpected 'or'", "write '||' for 'or'"],
    ['not a', "unexpected 'a'", "write '!' for 'not'"],
    ['a is defined', "unexpected 'is'", "write 'typeof x !== \"undefined\"' for 'x is defined'"],
    ['a is not defined', "unexpected 'is'", "write 'typeof x !== \"undefined\"' for 'x is defined'"],
    ['a in [1] and b', "unexpected 'and'", "write '&&' for 'and'"],
    ['a not in b', "unexpected 'not'", "write '!list.includes(x)' for 'x not in list'"],
    ['a if b else c', "unexpected 'if'", "write 'condition ? a : b' for 'a if condition else b'"],
    ['a | default("x")', 'unexpected token', "there are no filters: write 'a ?? b' for 'a | default(b)'"],
    ['{{ a }}', 'unexpected token', "write the expression without braces, or as '<%= … %>' in a string"],
    ['', 'missing expression'],
    ['<%= a %>', 'unexpected token', "write the expression without '<%= %>'"],
    ['a = 1', "'a' cannot be assigned to", "write '===' to compare"],
  ]
  for (const [expression, message, hint] of cases) {
    it(`rejects ${expression === '' ? 'an empty expression' : expression}`, () => {
      const [found, ...others] = checkExpression(expressionOf(expression))
      expect(others).to.deep.equal([])
      expect(found?.message).to.equal(message)
      expect(found?.hint).to.equal(hint)
    })
  }

  it('reports positions in the file', () => {
    const document = parseYaml(
      'task:\n  when: "a.b === \\"x\\" and c"\n  text: |\n    one\n    <%= a b %>\n',
      'site.yml',
    )
    const value = document.value as { task: { when: string; text: string } }
    expect(
      checkExpression({
        text: value.task.when,
        dialect: projectDialect,
        at: document.at(['task', 'when']),
      })[0]?.at,
    ).to.deep.equal({
      file: 'site.yml',
      line: 2,
      column: 24,
    })
    expect(checkText(value.task.text, projectDialect, document.at(['task', 'text']))[0]?.at).to.deep.equal({
      file: 'site.yml',
      line: 5,
      column: 11,
    })
  })
})

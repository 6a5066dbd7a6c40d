import { expect } from 'chai'

import { ejs } from '../../../src/variables/ejs/ejs.ts'

describe('the dialect EJS', () => {
  const strings: [text: string, tags: string[]][] = [
    ['', []],
    ['a > b %', []],
    ['{{ a }}', []],
    ['<%= a %>', ['<%= a %>']],
    ['x <%= a > b %> y\n<%- c\n%>', ['<%= a > b %>', '<%- c\n%>']],
    ['<%# note %>%><% d -%>', ['<%# note %>', '<% d -%>']],
  ]
  for (const [text, tags] of strings)
    it(`finds the tags of ${JSON.stringify(text)}`, () => {
      const found = text.matchAll(new RegExp(ejs.tag, 'g'))
      expect([...found].map(([tag]) => tag)).to.deep.equal(tags)
      expect(ejs.isTemplated(text)).to.equal(tags.length > 0)
      expect(new RegExp(ejs.templatedPattern).test(text)).to.equal(tags.length > 0)
    })

  it('prints an expression as one tag, which compiles to the same reads', () => {
    const tag = ejs.print('site.domain')
    expect(ejs.tag.exec(tag)?.[0]).to.equal(tag)
    const reads = ({ reads }: ReturnType<typeof ejs.compileText>) => reads.map(({ path }) => path)
    expect(reads(ejs.compileText(tag))).to.deep.equal(reads(ejs.compileExpression('site.domain')))
  })

  const foreign: [text: string, name: string | undefined, hint?: string][] = [
    ['a {{ domain }} b', 'domain', 'write <%= domain %>'],
    ['{{- domain -}}', 'domain', 'write <%= domain %>'],
    ['{{ domain | upper }}', 'domain', 'write <%= … %>, with JavaScript inside'],
    ['{{', undefined],
    ['{{ 5 }}', undefined],
  ]
  for (const [text, name, hint] of foreign)
    it(`finds ${name === undefined ? 'no Jinja' : 'Jinja'} in ${text}`, () => {
      const found = ejs.foreignExpressionIn(text)
      expect(found?.name).to.equal(name)
      expect(found?.hint).to.equal(hint)
    })

  it('has hints for the names that Jinja defines, and for no other name', () => {
    const hints = ['None', 'port', 'constructor'].map((name) =>
      ejs.adviceFor({ type: 'undefined name', name }),
    )
    expect(hints).to.deep.equal(["write 'null'", undefined, undefined])
  })
})

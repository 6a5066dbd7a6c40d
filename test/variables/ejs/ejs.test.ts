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

  const foreign: [text: string, problem: string | undefined, offset?: number, name?: string][] = [
    ['a {{ domain }} b', '{{ domain }}', 2, 'domain'],
    ['{{- domain -}}', '{{- domain -}}', 0, 'domain'],
    ['<%= a %> {{ domain | upper }}', '{{ domain | upper }}', 9, '…'],
    ['{% for a in b %}', '{% for a in b %}', 0, '…'],
    ['${{ secrets.KEY }}', '{{ secrets.KEY }}', 1, '…'],
    ["<%= '{{ a }}' %>", undefined],
    ['<%# plain %>{{ a }}', undefined],
    ['{{', undefined],
    ['{"a": {"b": {}}}', undefined],
  ]
  for (const [text, problem, offset, name = ''] of foreign)
    it(`finds ${problem === undefined ? 'no Jinja' : 'Jinja'} in ${text}`, () => {
      const found = ejs.foreignExpressionIn(text)
      expect(found?.problem).to.equal(
        problem === undefined ? undefined : `${problem} is Jinja, which is not evaluated`,
      )
      expect(found?.offset).to.equal(offset)
      if (found !== undefined) expect(found.hint).to.include(`write <%= ${name} %>`)
    })

  const names: [name: string, hint: string | undefined][] = [
    ['True', "write 'true'"],
    ['False', "write 'false'"],
    ['None', "write 'null'"],
    ['none', "write 'null'"],
    ['lookup', 'there are no lookups: write !secret {env: NAME} for the environment'],
    ['default', "write 'a ?? b' for 'a | default(b)'"],
    ['port', undefined],
    ['constructor', undefined],
  ]
  for (const [name, hint] of names)
    it(`has ${hint === undefined ? 'no' : 'a'} hint for the undefined name ${name}`, () => {
      expect(ejs.adviceFor({ type: 'undefined name', name })).to.equal(hint)
    })

  for (const keyword of ['with_dict', 'with_nested', 'with_together', 'with_sequence', 'with_subelements'])
    it(`has a hint with a valid expression for ${keyword}`, () => {
      const hint = ejs.adviceFor({ type: 'loop keyword', keyword }) ?? ''
      const [tag = ''] = ejs.tag.exec(hint) ?? []
      expect(() => ejs.compileText(tag)).not.to.throw()
      expect(ejs.compileText(tag).reads.length > 0 || keyword === 'with_sequence').to.equal(true)
    })
})

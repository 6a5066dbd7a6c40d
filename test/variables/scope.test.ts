import { expect } from 'chai'
import * as ejs from 'ejs'
import fc from 'fast-check'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { UserError } from '../../src/errors.ts'
import { ExpressionError } from '../../src/variables/evaluation/expression-error.ts'
import { NotKnown, unknown } from '../../src/variables/not-known.ts'
import { omit } from '../../src/variables/omit.ts'
import { Scope } from '../../src/variables/scope.ts'
import { expression as expressionOf, layer, literal, template, templated } from './written.ts'

function scopeOf(values: Record<string, unknown>, data: Record<string, unknown> = {}): Scope {
  return new Scope([layer(values), literal(data)])
}

function errorOf(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const site = {
  domain: 'foobar.com',
  url: 'https://<%= site.domain %>/',
  aliases: ['www.<%= site.domain %>', 'x'],
  database: { name: 'app', port: 3306 },
  empty: null,
  names: [{ name: 'a' }, { name: 'b' }],
}
const variables = {
  site,
  port: 80,
  alias: '<%= site %>',
  greeting: 'Hello <%= site.domain %>!',
  list: [3, 1, 2],
  key: 'name',
  host: 'a',
}

describe('expressions', () => {
  const cases: [string, unknown][] = [
    ['1 + 1', 2],
    ['port', 80],
    ['port === 80', true],
    ['site.url', 'https://foobar.com/'],
    ['site["url"]', 'https://foobar.com/'],
    ['site.database[key]', 'app'],
    ['site.names[0].name', 'a'],
    ['site.names[list[1]]["name"]', 'b'],
    ['alias.url', 'https://foobar.com/'],
    ['alias.database.port', 3306],
    ['greeting', 'Hello foobar.com!'],
    ['greeting.length', 17],
    ['site.aliases.length', 2],
    ['site.aliases.join(" ")', 'www.foobar.com x'],
    ['site.aliases.map((name) => name.toUpperCase())', ['WWW.FOOBAR.COM', 'X']],
    ['site.names.map(({ name }) => name + String(port))', ['a80', 'b80']],
    ['site.names.map((one) => one.name)', ['a', 'b']],
    [
      'site.names.map((one) => ({ name: one.name, port }))',
      [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    ],
    ['[...list].sort()', [1, 2, 3]],
    ['list.includes(3) && !list.includes(9)', true],
    ['"name" in site.database', true],
    ['"nmae" in site.database', false],
    ['typeof nothing', 'undefined'],
    ['typeof site.nothing.at.all', 'undefined'],
    ['typeof port', 'number'],
    ['nothing ?? "default"', 'default'],
    ['site.nothing ?? "default"', 'default'],
    ['site.nothing.more ?? nothing ?? 5', 5],
    ['site.empty ?? 5', 5],
    ['site?.nothing', undefined],
    ['site?.nothing?.more', undefined],
    ['site.empty?.more', undefined],
    ['site?.nothing?.trim()', undefined],
    ['site?.database.port', 3306],
    ['nothing === undefined', true],
    ['site.nothing != null', false],
    ['undefined !== port', true],
    ['fallback(() => site.nothing.more, "f")', 'f'],
    ['fallback(() => site.domain, "f")', 'foobar.com'],
    ['Object.keys(site.database)', ['name', 'port']],
    ['Object.entries(site.database)[0][1]', 'app'],
    ['JSON.stringify(site.database)', '{"name":"app","port":3306}'],
    ['`${port}:${site.domain}`', '80:foobar.com'],
    ['((port) => port + 1)(1)', 2],
    ['Math.max(...list)', 3],
    ['new Set([1, 1]).size', 1],
    ['/^foo/.test(site.domain)', true],
    ['(site).domain', 'foobar.com'],
    ['(site.database).port', 3306],
    ['port ? site.domain : nothing', 'foobar.com'],
    ['port || nothing', 80],
    ['list.reduce((sum, one) => sum + one, 0)', 6],
    [
      '(() => { const total = {}; for (const one of list) total[one] = port; return total })()',
      { 1: 80, 2: 80, 3: 80 },
    ],
    ['port // the port', 80],
    ['port;', 80],
    ['encodeURIComponent("a b")', 'a%20b'],
  ]
  const scope = scopeOf(variables)
  for (const [expression, expected] of cases) {
    it(`evaluates ${expression}`, () => {
      expect(scope.evaluate(expressionOf(expression))).to.deep.equal(expected)
    })
  }

  const rejected: [expression: string, message: string, hint: string][] = [
    [
      "'x' in site.aliases",
      "'in' looks for an index of a list, not for an item",

      'write list.includes(item)',
    ],
    ["'foo' in site.domain", "'in' does not look into a string", 'write text.includes(part)'],
    ["'a' in port", "'in' needs a mapping on its right side, not a number", 'write key in mapping'],
    ['list + [4]', "'+' does not join lists", 'write [...one, ...other]'],
    ['site.database + {}', "'+' does not merge mappings", 'write {...one, ...other}'],
    ["'port ' + port", "'+' has a string and a number", 'write Number(text) + number to add'],
    ['list == [1, 2, 3]', "'==' does not compare the contents of lists", '=== JSON.stringify(other)'],
    ['1 < 2 && list !== list', "'!==' does not compare the contents of lists", '!== JSON.stringify'],
    ['site === {}', "'===' does not compare the contents of mappings", 'write JSON.stringify(one) ==='],
  ]
  for (const [expression, message, hint] of rejected)
    it(`rejects ${expression}`, () => {
      const error = errorOf(() => scope.evaluate(expressionOf(expression)))
      if (!(error instanceof ExpressionError)) throw error
      expect(error.problem).to.equal(message)
      expect(error.hint).to.include(hint)
    })

  const accepted: [expression: string, expected: unknown][] = [
    ["'domain' in site && !('x' in site)", true],
    ['port + 1 + list[0]', 84],
    ["'a' + site.domain + true", 'afoobar.comtrue'],
    ['list === undefined || null == site', false],
    ['port != "80"', false],
    ['(port /* a + b */ + 1)', 81],
  ]
  for (const [expression, expected] of accepted)
    it(`evaluates ${expression}`, () => {
      expect(scope.evaluate(expressionOf(expression))).to.equal(expected)
    })

  it('returns copies of values', () => {
    const read = scope.evaluate(expressionOf('site')) as typeof site
    read.aliases.push('changed')
    read.database.name = 'changed'
    expect(scope.evaluate(expressionOf('site.aliases'))).to.deep.equal(['www.foobar.com', 'x'])
    expect(site.database.name).to.equal('app')
    expect(scope.evaluate(expressionOf('list.sort()'))).to.deep.equal([1, 2, 3])
    expect(scope.evaluate(expressionOf('list'))).to.deep.equal([3, 1, 2])
  })
})

describe('errors in expressions', () => {
  const scope = new Scope([
    layer(variables, {
      at: (name, path = []) => ({ file: 'all.yml', line: name.length, column: path.length }),
    }),
  ])
  const cases: [string, string, string?][] = [
    ['nmae', "site.yml:3:7: 'nmae' is not defined"],
    ['prot', "site.yml:3:7: 'prot' is not defined", "did you mean 'port', which is defined at all.yml:4:0?"],
    [
      'site.database.nmae',
      "site.yml:3:7: 'site.database.nmae' is not defined",
      "did you mean 'site.database.name', which is defined at all.yml:4:2?",
    ],
    [
      'site.names[0].qqqqqqq',
      "site.yml:3:7: 'site.names[0].qqqqqqq' is not defined",
      "'site.names[0]' has name",
    ],
    ['site.names[7].name', "site.yml:3:7: 'site.names[7]' is not defined: 'site.names' is a list of 2 items"],
    ['site.empty.name', "site.yml:3:7: 'site.empty.name' is not defined: 'site.empty' is null"],
    [
      'site.names.map((one) => one.nmae)',
      "site.yml:3:7: 'one.nmae' is not defined",
      "did you mean 'one.name'?",
    ],
    ['site.names.map(({ nmae }) => nmae)', "site.yml:3:7: 'nmae' is not defined"],
    ['process', "site.yml:3:7: 'process' is not defined"],
    ['require("fs")', "site.yml:3:7: 'require' is not defined"],
    ['globalThis', "site.yml:3:7: 'globalThis' is not defined"],
    ['eval("1")', "site.yml:3:7: 'eval' is not defined"],
    ['Function("1")', "site.yml:3:7: 'Function' is not defined"],
    ['import("fs")', 'site.yml:3:7: import() is not allowed here'],
    ['this', "site.yml:3:7: 'this' is not allowed here"],
    ['port = 5', "site.yml:3:7: 'port' cannot be assigned to"],
    ['site.port = 5', "site.yml:3:7: 'site' cannot be assigned to"],
    ['port++', "site.yml:3:7: 'port' cannot be assigned to"],
    ['delete site.domain', "site.yml:3:7: 'site' cannot be assigned to"],
    ['port === 80 and true', "site.yml:3:7: unexpected 'and'", "write '&&' for 'and'"],
    ['port is defined', "site.yml:3:7: unexpected 'is'"],
    ['1 +', 'site.yml:3:7: unexpected token'],
    ['site.domain.tirm()', 'site.yml:3:7: tirm is not a function'],
    ['a); (b', "site.yml:3:7: unexpected ');'"],
  ]
  for (const [expression, message, hint] of cases) {
    it(`reports ${expression}`, () => {
      const error = errorOf(() => scope.evaluate(expressionOf(expression)))
      expect(error).to.be.instanceOf(UserError)
      expect(error.message).to.equal(message)
      if (hint !== undefined) expect(error).to.have.property('hint', hint)
    })
  }

  it('names the variables through which an error was reached', () => {
    const scope = scopeOf({ a: '<%= b %>', b: 'x <%= c %>' })
    expect(errorOf(() => scope.evaluate(expressionOf('a'))).message).to.equal(
      "vars:1:1: 'c' is not defined, needed for 'b', 'a'",
    )
  })

  it('reports variables that refer to each other', () => {
    const scope = scopeOf({ a: '<%= b %>', b: 'x<%= c.d %>', c: { d: '<%= a %>', e: 1 } })
    expect(errorOf(() => scope.get('a')).message).to.contain('circular reference: a → b → c.d → a')
    expect(scope.evaluate(expressionOf('c.e'))).to.equal(1)
  })
})

describe('strings with tags', () => {
  const scope = scopeOf(variables, { output: '<%= port %>', nested: { text: 'a <% b', list: ['%>'] } })
  const cases: [unknown, unknown][] = [
    ['plain', 'plain'],
    ['<%= port %>', 80],
    ['<%= list %>', [3, 1, 2]],
    ['<%= list -%>', [3, 1, 2]],
    ['port <%= port %>', 'port 80'],
    ['<%= port %><%= port %>', '8080'],
    [' <%= port %>', ' 80'],
    ['<% if (port === 80) { %>yes<% } else { %>no<% } %>', 'yes'],
    ['<% for (const one of list) { -%>\n<%= one %>,\n<% } -%>\n', '3,\n1,\n2,\n'],
    ['<% list.forEach((one) => { %><%= one %>-<% }) %>', '3-1-2-'],
    ['<%# nothing %>x', 'x'],
    ['<%% x %>', '<% x %>'],
    ['<%= "<&>" + `\'"` %>.', '<&>\'".'],
    ['<%- "<&>" %>.', '<&>.'],
    ['[<%= site.empty %>]', '[]'],
    ['<%= port // comment %>!', '80!'],
    ['<%= output %>', '<%= port %>'],
    ['text: <%= output %>', 'text: <%= port %>'],
    ['<%= nested %>', { text: 'a <% b', list: ['%>'] }],
    [
      { a: '<%= port %>', b: ['<%= key %>', 5, null, true] },
      { a: 80, b: ['name', 5, null, true] },
    ],
  ]
  for (const [text, expected] of cases) {
    it(`renders ${JSON.stringify(text)}`, () => {
      expect(scope.render(templated(text))).to.deep.equal(expected)
    })
  }

  it('removes parts that are omit', () => {
    const scope = scopeOf({ omit })
    expect(scope.render(templated({ a: '<%= omit %>', b: 1, c: ['<%= omit %>', 2] }))).to.deep.equal({
      b: 1,
      c: [2],
    })
    expect(scope.render(templated('<%= omit %>'))).to.equal(omit)
    expect(() => scope.render(templated('x<%= omit %>'))).to.throw("'omit' must be the whole value")
  })

  it('rejects an object in a string', () => {
    expect(() => scope.render(templated('x <%= site %>'))).to.throw('an object cannot be printed')
  })

  it('reports a tag that is not closed', () => {
    expect(() => scope.render(templated('x <%= site'))).to.throw('site.yml:3:7: <%= is not closed')
  })

  it('renders any data unchanged', () => {
    const data = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom("'", '"', '\n', '$(', '`', '<%', '<%=', '%>', '-', '\\', 'ä', '${', ' ', '💥'),
      }),
    )
    fc.assert(
      fc.property(data, data, (value, prefix) => {
        const scope = new Scope([
          layer({ copy: '<%= value %>', prefixed: 'p<%= copy %>' }),
          literal({ value, object: { [prefix]: value } }),
        ])
        expect(scope.get('copy')).to.equal(value)
        expect(scope.get('prefixed')).to.equal(`p${value}`)
        expect(scope.get('object')).to.deep.equal({ [prefix]: value })
        expect(scope.template(template('a\n<%= copy %>\nb<%- value %>'))).to.equal(`a\n${value}\nb${value}`)
      }),
    )
  })
})

describe('data with tags', () => {
  const data = { text: '<%= port %>', list: ['<%= port %>'], deep: { text: '<%= port %>' } }
  const scope = new Scope([
    layer({ port: 80, alias: '<%= data %>', again: '<%= alias %>', mixed: { own: '<%= port %>' } }),
    literal({ data }),
  ])
  const reads: [expression: string, value: unknown][] = [
    ['data.text', '<%= port %>'],
    ['alias.text', '<%= port %>'],
    ['alias.list[0]', '<%= port %>'],
    ['alias.deep', { text: '<%= port %>' }],
    ['again.deep.text', '<%= port %>'],
    ['alias', data],
    ['mixed.own', 80],
    ['mixed', { own: 80 }],
  ]
  for (const [expression, value] of reads)
    it(`evaluates ${expression} without evaluating data again`, () => {
      expect(scope.evaluate(expressionOf(expression))).to.deep.equal(value)
    })
})

describe('values that are not known yet', () => {
  const scope = new Scope(
    [
      layer({
        result: { changed: true, stdout: unknown('until nginx is installed') },
        a: '<%= result.stdout %>',
      }),
    ],
    {
      unavailable: (name) => (name === 'ansible_distribution' ? new NotKnown('facts', 'facts') : undefined),
    },
  )

  it('throw NotKnown only when they are read', () => {
    expect(scope.evaluate(expressionOf('result.changed'))).to.equal(true)
    for (const expression of [
      'result.stdout',
      'result',
      'a',
      'result.stdout ?? 1',
      'typeof a',
      'fallback(() => a, 1)',
      'result.stdout.length',
    ]) {
      const error = errorOf(() => scope.evaluate(expressionOf(expression)))
      expect(error).to.be.instanceOf(NotKnown)
      expect(error).to.include({ reason: 'unknown', detail: 'until nginx is installed' })
    }
  })

  for (const name of ['result.stdout', 'ansible_distribution'])
    it(`does not repeat a template that catches the error of the unknown value ${name}`, () => {
      const content = `<% try { %><%= ${name} %><% } catch { %>none<% } %>`
      const { value, reads } = scope.recording(() => scope.template(template(content)))
      expect(value).to.equal('none')
      expect(reads.isRepeatable).to.equal(false)
      expect(
        scope.recording(() => scope.template(template('<%= result.changed %>'))).reads.isRepeatable,
      ).to.equal(true)
    })

  it('throw NotKnown before the variable is read', () => {
    expect(errorOf(() => scope.evaluate(expressionOf('ansible_distribution ?? 1')))).to.include({
      reason: 'facts',
    })
    expect(
      errorOf(() => scope.template(template('<% if (1) { %><%= ansible_distribution %><% } %>'))),
    ).to.include({ reason: 'facts' })
  })
})

describe('conditions', () => {
  const scope = scopeOf({ yes: true, text: 'abc', flag: 'false', number: 0, list: [] })
  it('evaluate to true or false', () => {
    expect(scope.test(expressionOf('yes && number === 0'))).to.equal(true)
  })

  const cases: [string, string, string][] = [
    ['text', `'text' must be true or false, not the string "abc"`, `write text !== ''`],
    ['flag', `'flag' must be true or false, not the string "false"`, 'write flag === "false"'],
    ['number', `'number' must be true or false, not the number 0`, 'write number !== 0'],
    ['list', `'list' must be true or false, not a list of 0 items`, 'write list.length > 0'],
    ['null', `'null' must be true or false, not null`, 'write null !== null'],
  ]
  for (const [expression, message, hint] of cases) {
    it(`reject ${expression}`, () => {
      const error = errorOf(() => scope.test(expressionOf(expression)))
      expect(error.message).to.equal(`site.yml:3:7: ${message}`)
      expect(error).to.have.property('hint', hint)
    })
  }
})

describe('errors in template files', () => {
  const scope = scopeOf(variables)
  const cases: [string, string][] = [
    ['a\nb\n  <%= nmae %>\n', "t.ejs:3:7: 'nmae' is not defined"],
    ['a\n<% if (port) { %>\n<%= site.nmae %>\n<% } %>', "t.ejs:3:5: 'site.nmae' is not defined"],
    ['a\n<% if (port) { %>\nb', 't.ejs:2:16: unexpected token'],
    ['a\n\n<%= site.domain.tirm() %>', 't.ejs:3:4: tirm is not a function'],
    ['a\n\n<% const x = 1 %>\n<% x.tirm() %>', 't.ejs:4:4: x.tirm is not a function'],
    ['a\nb <% x', 't.ejs:2:3: <% is not closed'],
  ]
  for (const [content, message] of cases) {
    it(`are reported in ${JSON.stringify(content)}`, () => {
      expect(() => scope.template(template(content, 't.ejs'))).to.throw(message)
    })
  }
})

describe('template files that include others', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hostwright-templates-'))
    mkdirSync(join(folder, 'parts'))
    writeFileSync(join(folder, 'parts/listen.ejs'), 'listen <%= port %>;<%- include("end.ejs") %>')
    writeFileSync(join(folder, 'parts/end.ejs'), ' # <%= name %>')
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('pass variables to them', () => {
    const scope = scopeOf({ port: 80, name: 'n' })
    const source = template(
      '<%- include("parts/listen.ejs", { port: 81 }) %>|<%= port %>',
      join(folder, 'main.ejs'),
    )
    expect(scope.template(source)).to.equal('listen 81; # n|80')
  })

  it('report errors with the file that contains them', () => {
    const source = template('\n<%- include("parts/listen.ejs", { port: 81 }) %>', join(folder, 'main.ejs'))
    expect(() => scopeOf({}).template(source)).to.throw(`${folder}/parts/end.ejs:1:8: 'name' is not defined`)
    const missing = template('\n<%- include("nope.ejs") %>', join(folder, 'main.ejs'))
    expect(() => scopeOf({}).template(missing)).to.throw('main.ejs:2:4: cannot include nope.ejs')
  })
})

describe('templates', () => {
  const piece = fc.constantFrom(
    'text',
    ' ',
    '\n',
    '\r\n',
    '"',
    "'",
    '\\',
    '`',
    '${',
    '<',
    '%',
    '>',
    '<%%',
    '%%>',
    '<%# no %>',
    '<%= a %>',
    '<%- b.c %>',
    '<%= a -%>',
    '<%_ if (a) { _%>',
    '<% } else { %>',
    '<% } %>',
    '<% if (b.c) { -%>',
    '<% for (const x of list) { %>',
    '<%= typeof x %>',
    '<% const y = a; %>',
    '<%= b["c"]; %>',
    '<%= a // comment %>',
    '<% /* note */ %>',
    '<%= list.map((x) => String(x) + a).join("\\n") %>',
    '<% // note %>',
  )
  const data = { a: 'A', b: { c: 'C' }, list: [1, 2] }

  it('are rendered as EJS renders them', () => {
    let rendered = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const content = pieces.join('')
        const expected = attempt(() => ejs.render(content, data, { escape: String }))
        const actual = attempt(() => scopeOf(data).template(template(content)))
        if (expected === undefined) return
        rendered += 1
        expect(actual).to.equal(expected)
      }),
      { numRuns: 3000 },
    )
    expect(rendered).to.be.greaterThan(500)
  })

  function attempt(render: () => string): string | undefined {
    try {
      return render()
    } catch {
      return undefined
    }
  }
})

describe('layers', () => {
  it('override lower layers', () => {
    const scope = new Scope([layer({ a: 1, b: '<%= a %>' }), layer({ a: 2 })])
    expect(scope.get('b')).to.equal(2)
    expect(scope.with(layer({ a: 3 })).get('b')).to.equal(3)
    expect(scope.get('b')).to.equal(2)
    expect(scope.names()).to.deep.equal(['a', 'b'])
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { stringify } from 'yaml'

import { InvalidInputError } from '../../src/errors.ts'
import { describeExcerpt } from '../../src/yaml/excerpt.ts'
import { within } from '../../src/yaml/scalar-position.ts'
import { SecretSource } from '../../src/yaml/secret-source.ts'
import { parseYaml } from '../../src/yaml/yaml-document.ts'

const file = 'site.yml'

function value(text: string): unknown {
  return parseYaml(text, file).value
}

function errors(text: string): string[] {
  try {
    parseYaml(text, file)
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.diagnostics.map(({ at, message }) => `${at.line}:${at.column} ${message}`)
    throw error
  }
  return []
}

describe('scalars of YAML', () => {
  const cases: [string, unknown][] = [
    ['yes', true],
    ['Yes', true],
    ['YES', true],
    ['on', true],
    ['true', true],
    ['True', true],
    ['no', false],
    ['off', false],
    ['OFF', false],
    ['false', false],
    ['y', 'y'],
    ['n', 'n'],
    ['"yes"', 'yes'],
    ["'no'", 'no'],
    ['yEs', 'yEs'],
    ['0644', '0644'],
    ['0o644', '0o644'],
    ['00', '00'],
    ['0', 0],
    ['-0', 0],
    ['644', 644],
    ['-12', -12],
    ['+12', 12],
    ['0x1F', 31],
    ['1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['1.5e3', 1500],
    ['12e4567', '12e4567'],
    ['1e5', '1e5'],
    ['1.0e999', '1.0e999'],
    ['.inf', Infinity],
    ['-.inf', -Infinity],
    ['12345678901234567890', '12345678901234567890'],
    ['12:30:45', '12:30:45'],
    ['1:30', '1:30'],
    ['2024-01-02', '2024-01-02'],
    ['1_000', '1_000'],
    ['~', null],
    ['', null],
    ['null', null],
    ['"null"', 'null'],
    ['!!str 0644', '0644'],
    ['!!str yes', 'yes'],
    ['!!int "5"', 5],
    ['! 12', '12'],
    ['1.2.3', '1.2.3'],
    ['u=rw,g=r', 'u=rw,g=r'],
  ]
  for (const [text, expected] of cases) {
    it(`are read as ${JSON.stringify(expected)} if they are written as '${text}'`, () => {
      expect(value(`key: ${text}`)).to.deep.equal({ key: expected })
    })
  }

  it('keeps keys as written', () => {
    expect(value('on: 1\nno: 2\n80: 3\n0644: 4')).to.deep.equal({ on: 1, no: 2, 80: 3, '0644': 4 })
  })

  it('reads NaN as NaN', () => {
    expect((value('key: .nan') as { key: unknown }).key).to.satisfy(Number.isNaN)
  })

  it('reads an empty file as null', () => {
    expect(value('')).to.equal(null)
    expect(value('# nothing\n')).to.equal(null)
  })

  it('keeps a key named __proto__ as data', () => {
    const read = value('__proto__: {polluted: 1}') as object
    expect(Object.keys(read)).to.deep.equal(['__proto__'])
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype)
  })

  it('reads back any text that was written as YAML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(value(stringify({ key: text }, { defaultStringType: 'QUOTE_DOUBLE' }))).to.deep.equal({
          key: text,
        })
      }),
    )
  })
})

describe('anchors and merge keys', () => {
  it('merge mappings below the keys of the mapping itself', () => {
    const text = 'a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: [*a, *b]\n  x: 9\nd:\n  <<: *a\n'
    expect(value(text)).to.deep.equal({
      a: { x: 1, y: 2 },
      b: { y: 3, z: 4 },
      c: { x: 9, y: 2, z: 4 },
      d: { x: 1, y: 2 },
    })
  })

  it('keep the position of a merged part', () => {
    const document = parseYaml('a: &a\n  x: 1\nb:\n  <<: *a\n', file)
    expect(document.at(['b', 'x'])).to.deep.equal({ file, line: 2, column: 6 })
  })

  it('report an error in an anchor once', () => {
    expect(errors('a: &a {x: 1, x: 2}\nb: *a\nc: *a')).to.deep.equal(["1:14 duplicate key 'x'"])
  })

  it('are read fast if they are nested', () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`,
    )
    expect(value(['a0: &a0 1', ...lines].join('\n'))).to.have.property('a12')
  })

  it('report undefined aliases, recursive anchors and invalid merges', () => {
    expect(errors('a: *nope')).to.deep.equal(['1:4 undefined alias *nope: no anchor &nope precedes it'])
    expect(errors('a: &a [*a]')).to.deep.equal(['1:8 the anchor &a contains itself'])
    expect(errors('a:\n  <<: 5')).to.deep.equal(['2:7 << takes a mapping or a list of mappings'])
  })
})

describe('errors in YAML', () => {
  const cases: [string, string, string[]][] = [
    ['a duplicate key', 'a: 1\nb: 2\na: 3', ["3:1 duplicate key 'a'"]],
    ['several errors at once', 'a: 1\na: 2\nb: !foo x', ["2:1 duplicate key 'a'", '3:9 unknown tag !foo']],
    ['a second document', 'a: 1\n---\nb: 2', ['2:1 a file can contain only one document']],
    ['a tab', 'a:\n\t- b', ['2:1 tab in the indentation']],
    ['an unclosed quote', 'a: 1\nb:\n  - "c\n  - d\n', ['3:5 missing closing "quote']],
    ['an unclosed single quote', "a: 'b\nc: d\n", ["1:4 missing closing 'quote"]],
    ['two colons', 'a: b: c', ["1:4 a second ': ' on this line makes another mapping"]],
    ['Jinja without quotes', 'a: {{ x }}', ['1:5 a mapping cannot be a key']],
    ['a vault', 'a: !vault |\n  x', ['1:11 !vault is not supported yet']],
    ['an invalid !!int', 'a: !!int x', ["1:10 'x' is not a !!int"]],
    [
      'a secret without a source',
      'a: !secret {}',
      ['1:12 !secret takes a string, {env: NAME}, {file: path} or {file: path, generate: 32}'],
    ],
    [
      'a secret with an unknown key',
      'a: !secret {envv: X}',
      ['1:12 !secret takes a string, {env: NAME}, {file: path} or {file: path, generate: 32}'],
    ],
    [
      'a short secret',
      'a: !secret {file: x, generate: 2}',
      ['1:12 generate must be a number of characters from 8 to 1024'],
    ],
  ]
  for (const [name, text, expected] of cases) {
    it(`include ${name}`, () => {
      expect(errors(text)).to.deep.equal(expected)
    })
  }

  it('include an open quote', () => {
    expect(errors('a: "x')).to.have.length(1)
  })
})

describe('positions in YAML', () => {
  const text = 'first: 1\nlist:\n  - name: a\n    port: 80\n  - b\nlast:\n'
  const document = parseYaml(text, file)
  const cases: [(string | number)[], [number, number], [number, number]][] = [
    [['first'], [1, 8], [1, 1]],
    [['list'], [3, 3], [2, 1]],
    [
      ['list', 0],
      [3, 5],
      [3, 5],
    ],
    [
      ['list', 0, 'port'],
      [4, 11],
      [4, 5],
    ],
    [
      ['list', 1],
      [5, 5],
      [5, 5],
    ],
    [
      ['list', 0, 'nothing'],
      [3, 5],
      [3, 5],
    ],
    [
      ['nothing', 'at', 'all'],
      [1, 1],
      [1, 1],
    ],
  ]
  for (const [path, at, keyAt] of cases) {
    it(`are known for ${path.join('.')}`, () => {
      expect(document.at(path)).to.deep.equal({ file, line: at[0], column: at[1] })
      expect(document.keyAt(path)).to.deep.equal({ file, line: keyAt[0], column: keyAt[1] })
    })
  }

  it('are shown as the line with a caret', () => {
    expect(document.excerpt(document.at(['list', 0, 'port']))).to.equal(
      '  4 |     port: 80\n    |           ^',
    )
  })

  it('are shown without a line if the file cannot be read', () => {
    const described = describeExcerpt({
      at: { file: '/nowhere/x.yml', line: 1, column: 2 },
      message: 'no',
      hint: 'do',
    })
    expect(described).to.equal('/nowhere/x.yml:1:2: no\n  do')
  })

  const spelled: [string, string, string][] = [
    ['plain', 'key: one <%= two %>', '1:14'],
    ['single-quoted', "key: 'it''s <%= two %>'", '1:17'],
    ['double-quoted', 'key: "\\u0041\\n<%= two %>"', '1:19'],
    ['literal', 'key: |\n  one\n  <%= two %>\n', '3:7'],
    ['literal and deep', 'a:\n  key: |-\n\n      one <%= two %>\n', '4:15'],
  ]
  for (const [style, source, expected] of spelled) {
    it(`are known inside a ${style} scalar`, () => {
      const read = parseYaml(source, file)
      const path = source.startsWith('a:') ? ['a', 'key'] : ['key']
      const text = path.reduce<unknown>(
        (part, key) => (part as Record<string, unknown>)[key],
        read.value,
      ) as string
      const at = within(read.at(path), text.indexOf('two'))
      expect(`${at.line}:${at.column}`).to.equal(expected)
    })
  }
})

describe('YAML that would exhaust memory or the call stack', () => {
  /** Anchors of which each repeats the previous one ten times. */
  function bomb(levels: number): string {
    const repeated = (name: string) => Array.from({ length: 10 }, () => name).join(', ')
    return Array.from(
      { length: levels },
      (_, level) => `a${level}: &a${level} [${repeated(level === 0 ? 'x' : `*a${level - 1}`)}]\n`,
    ).join('')
  }

  it('is refused if aliases of aliases repeat too many values', () => {
    const started = process.cpuUsage()
    expect(errors(bomb(8))).to.deep.equal([
      '6:10 too many values: up to *a4, the aliases of this file repeat more than 200,000',
    ])
    expect(process.cpuUsage(started).user).to.be.below(1_000_000)
  })

  it('is refused if each of many aliases repeats the previous one twice', () => {
    const doubled = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)
    expect(errors(['a0: &a0 1', ...doubled].join('\n'))).to.have.length(1)
  })

  it('is accepted if aliases repeat fewer values', () => {
    expect(value(bomb(4))).to.have.nested.property('a3[9][9][9][9]', 'x')
  })

  const nested: [name: string, text: string, place: string][] = [
    ['lists in brackets', `a: ${'['.repeat(2000)}${']'.repeat(2000)}`, '1:'],
    ['blocks', Array.from({ length: 2000 }, (_, i) => `${'    '.repeat(i)}- block:\n`).join(''), ''],
    [
      'mappings',
      Array.from({ length: 201 }, (_, i) => `${' '.repeat(i)}a:\n`).join('') + ' '.repeat(201) + '- b',
      '201:',
    ],
  ]
  for (const [name, text, place] of nested)
    it(`is refused with a hint if it is nested too deeply: ${name}`, () => {
      const started = process.cpuUsage()
      const [error, ...others] = errors(text)
      expect(error).to.match(/^\d+:\d+ nested too deeply: more than 200 lists and mappings$/)
      expect(error?.startsWith(place)).to.equal(true)
      expect(others).to.deep.equal([])
      expect(process.cpuUsage(started).user).to.be.below(1_000_000)
    })
})

describe('!secret', () => {
  it('describes the source of a secret without reading it', () => {
    const read = value(
      'a: !secret {env: TOKEN}\nb: !secret {file: pw, generate: 32}\nc: !secret hunter2',
    ) as Record<string, SecretSource>
    expect(read['a']?.origin).to.deep.equal({ type: 'environment', name: 'TOKEN' })
    expect(read['b']?.origin).to.deep.equal({ type: 'file', path: `${process.cwd()}/pw`, generate: 32 })
    expect(read['c']?.origin).to.deep.equal({ type: 'text', text: 'hunter2' })
    expect(read['a']).to.be.instanceOf(SecretSource)
  })
})

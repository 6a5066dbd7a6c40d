import { expect } from 'chai'
import ts from 'typescript'

import { counted } from './anchors.ts'
import { applyTo } from './mutation.ts'
import { mutationsOf } from './mutations-of.ts'
import { sampleOf } from './sample.ts'

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true)
}

function mutantsOf(text: string): string[] {
  return mutationsOf(parse(text), 'a.ts').map((mutation) => applyTo(text, mutation))
}

describe('the mutants of a source file', () => {
  const cases: [code: string, mutants: string[]][] = [
    ['if (a) b()', ['if (!(a)) b()', 'if (false) b()', 'if (a) ;']],
    ['if (a) b()\nelse c()', ['if (!(a)) b()\nelse c()', 'if (a) ;\nelse c()', 'if (a) b()\nelse ;']],
    ['x = a === b', [';', 'x = a !== b']],
    ['const x = a < b', ['const x = a <= b']],
    ['const x = a && b || c', ['const x = (a && b && c)', 'const x = (a || b) || c']],
    ['const x = a ?? b', ['const x = a']],
    ["const x = a + 'text '", []],
    ['const x = !a', ['const x = a']],
    ['const x = [a, b]', ['const x = [ b]', 'const x = [a, ]']],
    ['const x = { ...a, b: true }', ['const x = {  b: true }', 'const x = { ...a, b: false }']],
    ['const x = a.some(b)', ['const x = a.every(b)']],
    ['const x = a.filter(b)', ['const x = a']],
    ["const x: 'a' = 'a'", ["const x: 'a' = ''"]],
    ["throw new UserError('a', 1)", []],
    ["import a from 'b'", []],
  ]
  for (const [code, mutants] of cases)
    it(`changes one thing in ${JSON.stringify(code)}`, () => {
      expect(mutantsOf(code)).to.have.members(mutants)
    })

  it('records the place and the change of a mutant', () => {
    const [mutation] = mutationsOf(parse('const x = 1\n\n  if (x === 1) y()\n'), 'a.ts')
    expect(mutation).to.include({ line: 1, code: 'const x = 1', change: '1 -> 2' })
  })
})

describe('the counted source', () => {
  const executed: number[] = []
  before(() => {
    globalThis.reportExecuted = (_, anchor) => executed.push(anchor)
  })
  after(() => {
    globalThis.reportExecuted = undefined
  })

  it('reports exactly the executed anchors, and computes the same result', () => {
    const text = `
      const twice = (x = one()) => x * 2
      function one() { return 1 }
      function result(way) {
        if (way) return twice()
        else throw new Error('never')
      }
      result(true)`
    executed.length = 0
    const script = ts.transpile(counted(parse(text), 'a.ts'))
    expect((0, eval)(script)).to.equal(2)
    const places = executed.map((anchor) => text.slice(anchor).split('\n')[0])
    expect(places).to.include.members(['one()) => x * 2', 'x * 2', 'return 1 }', 'return twice()'])
    expect(places).not.to.include("throw new Error('never')")
  })
})

describe('a sample', () => {
  const items = Array.from({ length: 100 }, (_, index) => index)

  it('is the same for the same seed, in order, without repeats', () => {
    const sample = sampleOf(items, 10, 7)
    expect(sample).to.have.length(10)
    expect(sample).to.deep.equal(sampleOf(items, 10, 7))
    expect(sample).to.deep.equal([...new Set(sample)].sort((one, other) => one - other))
    expect(sample).not.to.deep.equal(sampleOf(items, 10, 8))
  })

  it('holds everything if that is less', () => {
    expect(sampleOf(items, 200, 1)).to.deep.equal(items)
  })
})

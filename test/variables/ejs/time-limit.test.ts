import { expect } from 'chai'

import { ejs } from '../../../src/variables/ejs/ejs.ts'
import { ExpressionError } from '../../../src/variables/evaluation/expression-error.ts'
import { evaluate } from '../../../src/variables/evaluation/evaluate.ts'
import type { Compiled } from '../../../src/variables/evaluation/compiled.ts'

const surroundings = { readPath: () => [1, 2, 3], markUnrepeatable: () => undefined }
const at = { file: 'site.yml', line: 1, column: 1 }
const locate = (offset: number) => ({ ...at, column: offset + 1 })

function valueOf(compile: () => Compiled): unknown {
  return evaluate({ compile, at, locate }, surroundings)
}

function failureOf(compile: () => Compiled): { problem: string; column: number; hint: string | undefined } {
  try {
    valueOf(compile)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return { problem: error.problem, column: error.at.column, hint: error.hint }
  }
  throw new Error('it ended')
}

describe('the time limit of code', () => {
  const endless: [code: string, column: number][] = [
    ['(() => { for(;;){} })()', 10],
    ['(() => { for(;;); })()', 10],
    ['(() => { while (true) 1 })()', 10],
    ['(() => { do { } while (true) })()', 10],
    ['(() => { let i = 0; while (i < 10) { } })()', 21],
    ['(() => { outer: for (;;) for (;;) continue outer })()', 17],
    ['(function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) })(90)', 2],
    ['(() => { const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); return f(90) })()', 20],
    ['(() => { function* all() { let i = 0; while (true) yield i++ } for (const x of all()); })()', 64],
  ]
  for (const [code, column] of endless)
    it(`ends ${code}, and names its place`, () => {
      const compiled = ejs.compileExpression(code)
      const started = performance.now()
      const failure = failureOf(() => compiled)
      expect(failure.problem).to.equal('the code did not end within 0.7 seconds of CPU time')
      expect(failure.hint).to.equal('correct the condition that ends the loop or the recursion')
      // a generator and its reader are both endless
      if (!code.includes('function*')) expect(failure.column).to.equal(column)
      const second = performance.now()
      expect(failureOf(() => compiled)).to.deep.equal(failure)
      expect(performance.now() - second, 'it ran again').to.be.below((second - started) / 2)
    })

  const text = 'a\n<% while (true) { %>b<% } %>'
  it('ends an endless template, and names its place', () => {
    expect(failureOf(() => ejs.compileText(text))).to.include({ column: text.indexOf('while') + 1 })
  })

  it('ends an endless recursion, with a hint', () => {
    expect(failureOf(() => ejs.compileExpression('(function f() { return f() + f() })()'))).to.deep.equal({
      problem: 'a function calls itself too often',
      column: 1,
      hint: 'correct the condition that ends the recursion',
    })
  })

  const finite: [code: string, value: unknown][] = [
    ['list.map(x => x * 2)', [2, 4, 6]],
    ['list.map((x) => ({ x }))', [{ x: 1 }, { x: 2 }, { x: 3 }]],
    ['list.map(x => y => x + y).map(f => f(1))', [2, 3, 4]],
    ['list.filter(x => x == 2)', [2]],
    ['list.reduce((a, b) => a + b)', 6],
    ['list.map(function (x) { "use strict"; return x })', [1, 2, 3]],
    ['(() => { let n = 0; for (const x of list) n += x; return n })()', 6],
    ['(() => { let n = 0; for (const x in [5, 6]) n++; return n })()', 2],
    ['(() => { let n = 0; for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) n++; return n })()', 9],
    ['(() => { let n = 0; do n++; while (n < 5); return n })()', 5],
    ['(() => { let n = 0; do n++\nwhile (n < 5); return n })()', 5],
    ['(() => { let n = 0; while (n < 5) if (n === 2) n += 2; else n++; return n })()', 5],
    ['(() => { let n = 0; a: for (;;) { while (true) { n++; if (n > 3) break a } } return n })()', 4],
    ['(() => { class A { get b() { return 7 } } return new A().b })()', 7],
    ['({ f(x) { return x + 1 } }).f(1)', 2],
    ['(() => { let n = 0; for (let i = 0; i < 1e6; i++) n += i; return n })()', 499999500000],
  ]
  for (const [code, value] of finite)
    it(`leaves the value of ${code.replace('\n', ' ')} unchanged`, () => {
      expect(valueOf(() => ejs.compileExpression(code))).to.deep.equal(value)
      expect(valueOf(() => ejs.compileText(`<%= ${code} %>`))).to.deep.equal(value)
    })

  it('leaves templates with loops unchanged', () => {
    const loops = '<% for (const x of list) { %>[<%= x %>]<% } %><% list.forEach(x => { -%>{<%= x %>}<% }) %>'
    expect(valueOf(() => ejs.compileText(loops))).to.equal('[1][2][3]{1}{2}{3}')
  })

  it('costs little', () => {
    const compiled = ejs.compileExpression(
      '(() => { let n = 0; for (let i = 0; i < 1e6; i++) n += i; return n })()',
    )
    valueOf(() => compiled)
    const started = process.cpuUsage()
    for (let i = 0; i < 3; i += 1) valueOf(() => compiled)
    expect(process.cpuUsage(started).user / 3, 'microseconds for a million rounds').to.be.below(400_000)
  })
})

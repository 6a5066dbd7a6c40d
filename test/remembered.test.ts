import { expect } from 'chai'

import { modules } from '../src/modules/index.ts'
import { checkParams } from '../src/playbook/params/params.ts'
import { remembered, rememberResults } from '../src/remembered.ts'
import { projectDialect } from '../src/variables/dialects.ts'
import { SecretSource } from '../src/yaml/secret-source.ts'

describe('remembered', () => {
  let store: Map<string, unknown>
  beforeEach(() => {
    store = new Map()
    rememberResults({
      get: (digest) => store.get(digest),
      add: (digest, result) => store.set(digest, result),
    })
  })
  afterEach(() => {
    rememberResults(undefined)
  })

  it('computes a result once for each name and input', () => {
    let computed = 0
    const result = (name: string, input: string): number =>
      remembered({ name, input, compute: () => (computed += 1), mayBeKept: () => true })
    expect([result('a', 'x'), result('a', 'x'), result('a', 'y'), result('b', 'x')]).to.deep.equal([
      1, 1, 2, 3,
    ])
  })

  it('distinguishes inputs with different halves of surrogate pairs', () => {
    let computed = 0
    for (const input of ['\ud801', '\ud802', '\ufffd'])
      remembered({ name: 'a', input, compute: () => (computed += 1), mayBeKept: () => true })
    expect(computed).to.equal(3)
  })

  it('computes a result again that may not be kept', () => {
    let computed = 0
    const result = (): number =>
      remembered({ name: 'a', input: 'x', compute: () => (computed += 1), mayBeKept: () => false })
    expect([result(), result()]).to.deep.equal([1, 2])
    expect(store.size).to.equal(0)
  })

  describe('for parameters', () => {
    const at = { file: 'site.yml', line: 1, column: 1 }
    const problems = (name: string, value: unknown): number =>
      checkParams(modules.get(name)!, { value, dialect: projectDialect, at: () => at, keyAt: () => at })
        .length

    it('keeps that they are valid, but no error', () => {
      expect(problems('hostname', { name: 'web1' })).to.equal(0)
      expect(store.size).to.equal(1)
      for (let round = 0; round < 2; round += 1) expect(problems('hostname', { nam: 'web1' })).to.equal(2)
      expect(store.size).to.equal(1)
    })

    it('distinguishes modules and values of other types', () => {
      expect(problems('debug', { msg: 'x' })).to.equal(0)
      expect(problems('hostname', { msg: 'x' })).to.be.greaterThan(0)
      expect(problems('wait_for', { timeout: 30 })).to.equal(0)
      for (const timeout of [Number.NaN, Infinity, null, [30], true])
        expect(problems('wait_for', { timeout }), String(timeout)).to.be.greaterThan(0)
    })

    it('keeps nothing about parameters that contain a secret', () => {
      const password = new SecretSource({ type: 'text', text: 'hunter2' }, at)
      expect(problems('mysql_user', { name: 'shop', password })).to.equal(0)
      expect(store.size).to.equal(0)
    })
  })
})

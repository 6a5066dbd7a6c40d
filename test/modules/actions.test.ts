import { expect } from 'chai'

import { assert } from '../../src/modules/assert.ts'
import { debug } from '../../src/modules/debug.ts'
import type { ActionOutcome, AnyAction } from '../../src/modules/definition/module.ts'
import { fail } from '../../src/modules/fail.ts'
import { setFact } from '../../src/modules/set_fact.ts'

/** Runs an action with evaluated expressions, as the engine does. */
function run(action: AnyAction, given: object): ActionOutcome {
  return action.run(action.params.parse(given))
}

const holds = { text: 'port === 80', value: true }
const fails = { text: 'name === "x"', value: false }
const odd = { text: 'list.length', value: 3 }
const nothing = { text: 'missing', value: undefined }

describe('assert', () => {
  it('succeeds if every expression is true', () => {
    expect(run(assert, { that: [holds, holds] })).to.deep.equal({ msg: 'All assertions passed' })
    expect(run(assert, { that: holds, success_msg: 'fine' })).to.deep.equal({ msg: 'fine' })
    expect(run(assert, { that: [holds], quiet: 'yes' })).to.deep.equal({ msg: '' })
  })

  it('shows each expression that is not true', () => {
    const { failed, msg, result } = run(assert, { that: [holds, fails, odd, nothing] })
    expect(failed).to.equal(true)
    expect(msg?.split('\n')).to.deep.equal([
      '3 of 4 assertions failed:',
      '  name === "x" is false',
      '  list.length is neither true nor false: 3',
      '  missing is neither true nor false: undefined',
    ])
    expect(result).to.deep.equal({ assertion: 'name === "x" is false' })
  })

  it('prints the message of the playbook, given as fail_msg or msg', () => {
    expect(run(assert, { that: [fails], fail_msg: 'broken' }).msg).to.equal(
      'broken:\n  name === "x" is false',
    )
    expect(run(assert, { that: [fails], msg: 'broken' }).msg).to.match(/^broken:/)
    expect(run(assert, { that: [fails], fail_msg: 'broken', quiet: 'yes' }).msg).to.equal('broken')
    expect(run(assert, { that: [fails], quiet: 'yes' }).msg).to.match(/^1 of 1 assertions failed:\n/)
    expect(() => assert.params.parse({ that: [fails], msg: 'a', fail_msg: 'b' })).to.throw(
      'use only one of them',
    )
  })

  it('requires an expression', () => {
    expect(() => assert.params.parse({})).to.throw(/that/)
  })
})

describe('debug', () => {
  it('prints a message of any type', () => {
    expect(run(debug, { msg: 'hello' })).to.deep.equal({ msg: 'hello', result: { msg: 'hello' } })
    expect(run(debug, { msg: [1, 'a'] }).msg).to.equal('[\n  1,\n  "a"\n]')
    expect(run(debug, {}).msg).to.equal('Hello world!')
  })

  it('prints an expression with its value', () => {
    expect(run(debug, { var: odd })).to.deep.equal({ msg: 'list.length: 3', result: { 'list.length': 3 } })
    expect(run(debug, { var: nothing }).msg).to.equal('missing: undefined')
  })

  it('prints nothing with a verbosity of more than 0', () => {
    expect(run(debug, { msg: 'hello', verbosity: 1 })).to.deep.equal({ result: { msg: 'hello' } })
    expect(run(debug, { var: odd, verbosity: 2 })).to.deep.equal({ result: { 'list.length': 3 } })
  })

  it('rejects a message together with an expression', () => {
    expect(() => debug.params.parse({ msg: 'a', var: odd })).to.throw('exclude each other')
  })
})

describe('fail', () => {
  it('fails with its message', () => {
    expect(run(fail, { msg: 'no' })).to.deep.equal({ failed: true, msg: 'no' })
    expect(run(fail, {})).to.deep.equal({ failed: true, msg: 'Failed as requested from task' })
  })
})

describe('set_fact', () => {
  it('sets variables of any type', () => {
    const facts = { port: 80, names: ['a'], _x1: null }
    expect(run(setFact, { ...facts, cacheable: 'yes' })).to.deep.equal({
      facts,
      result: { ansible_facts: facts },
    })
  })

  it('requires at least one variable', () => {
    expect(() => setFact.params.parse({ cacheable: true })).to.throw('at least one variable')
  })

  for (const name of ['1st', 'my-port', 'a b', 'é']) {
    it(`rejects ${name} as the name of a variable`, () => {
      expect(() => setFact.params.parse({ [name]: 1 })).to.throw(`invalid variable name '${name}'`)
    })
  }
})

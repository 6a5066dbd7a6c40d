import { expect } from 'chai'

import type { HostRun } from '../../../src/engine/host/host-run.ts'
import { TaskFailure } from '../../../src/errors.ts'
import { hostOn, playWith } from '../fake-host.ts'
import { machineOn } from '../fake-machine.ts'
import { FakeTarget } from '../fake-target.ts'

describe('the memory that the variables of a host occupy', () => {
  const megabytes = (count: number): string => 'x'.repeat(count * 1024 * 1024)
  const factsOf = (count: number) => ({
    ...{ origin: 'facts', literal: true as const },
    values: new Map([['ansible_text', megabytes(count)]]),
  })

  let host: HostRun
  beforeEach(() => {
    host = hostOn(machineOn(new FakeTarget()), playWith('    - {debug: {msg: x}}\n').play)
  })
  const lengthOf = (name: string): unknown => {
    const scope = host.variables.scope()
    return scope.has(name) ? String(scope.get(name)).length : undefined
  }

  it('limits facts to 64 MB, and frees them', () => {
    host.variables.learnFacts(factsOf(40))
    expect(() => {
      host.variables.register('other', megabytes(40))
    }).to.throw(TaskFailure, 'web1 exceed 64 MB')
    host.variables.learnFacts(factsOf(41))
    expect(() => {
      host.variables.learnFacts(factsOf(65))
    }).to.throw(TaskFailure, 'web1 exceed 64 MB')
    host.variables.forgetFacts()
    host.variables.register('other', megabytes(40))
    expect(lengthOf('other')).to.equal(40 * 1024 * 1024)
  })

  it('limits registered values to 64 MB, and counts a replaced one once', () => {
    for (let round = 0; round < 3; round += 1) host.variables.register('one', megabytes(40))
    expect(() => {
      host.variables.register('two', megabytes(40))
    }).to.throw(TaskFailure, 'web1 exceed 64 MB')
    expect(lengthOf('two')).to.equal(undefined)
    expect(lengthOf('one')).to.equal(40 * 1024 * 1024)
  })

  it('frees a variable that a free value replaces', () => {
    host.variables.register('one', megabytes(40))
    host.variables.registerFree('one', megabytes(1))
    host.variables.register('two', megabytes(40))
    host.variables.registerFree('three', megabytes(70))
    expect(['one', 'two', 'three'].map((name) => lengthOf(name))).to.deep.equal(
      [1, 40, 70].map((count) => count * 1024 * 1024),
    )
  })

  it('replaces the result of a failed task by the reason if it is too large', () => {
    host.variables.register('one', megabytes(40))
    const failed = (): unknown => host.variables.scope().get('ansible_failed_result')
    host.variables.noteFailure({ name: 'fails' }, { rc: 1 })
    expect(failed()).to.deep.equal({ rc: 1 })
    host.variables.noteFailure({ name: 'fails' }, { stdout: megabytes(30) })
    expect(failed()).to.deep.include({ failed: true })
    expect(JSON.stringify(failed())).to.include('web1 exceed 64 MB')
    expect(host.variables.scope().get('ansible_failed_task')).to.deep.equal({ name: 'fails' })
  })
})

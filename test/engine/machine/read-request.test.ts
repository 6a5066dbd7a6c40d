import { expect } from 'chai'

import { answersOf, readingsOf } from '../../../src/engine/machine/read-request.ts'
import { InvalidInputError, TaskFailure } from '../../../src/errors.ts'
import { defineKind } from '../../../src/state/definition/kind.ts'
import type { Outcome } from '../../../src/target/target.ts'
import { machineOn, thing } from '../fake-machine.ts'
import { FakeTarget, scriptOf } from '../fake-target.ts'

declare module '../../../src/state/definition/write.ts' {
  interface KindValues {
    riddle: string
  }
}

describe('the answer of a host', () => {
  const [reading] = readingsOf(['door', 'window'].map((name) => thing.key({ name })))
  const answer = (outcome: Partial<Outcome>) =>
    answersOf(reading!, { code: 0, stdout: '', stderr: '', timedOut: false, ...outcome }).map(
      ([, value]) => value,
    )

  it('has a value for each key', () => {
    expect(answer({ stdout: 'open\nshut\n' })).to.deep.equal(['open', 'shut'])
  })

  const failures: [title: string, outcome: Partial<Outcome>, message: string][] = [
    ['stderr', { code: 2, stderr: ' broken\n', stdout: 'out' }, '(exit code 2): broken'],
    ['stdout if stderr is empty', { code: 2, stderr: ' \n', stdout: ' out\n' }, '(exit code 2): out'],
    ['the exit code if there is no output', { code: 2 }, '(exit code 2): no output'],
    ['that it timed out', { code: 124, timedOut: true }, '(timed out): no output'],
  ]
  for (const [title, outcome, message] of failures)
    it(`reports a failed reading with ${title}`, () => {
      expect(() => answer(outcome)).to.throw(TaskFailure, `could not read thing door, window ${message}`)
    })

  it('reports an answer that exceeds the limit of output', () => {
    expect(() => answer({ code: 1, overflow: 'stdout' })).to.throw(TaskFailure, 'the answer exceeds')
  })

  it('reports a reading without an answer', () => {
    expect(() => answersOf(reading!, undefined)).to.throw(TaskFailure, 'thing door, window was not read')
  })

  it('turns an error of the parser into a failure of the task, but keeps that of a user', () => {
    const failing = (error: Error) => {
      const riddle = defineKind<'riddle', string>({
        name: 'riddle',
        subject: (name) => name,
        read: () => scriptOf('ask'),
        parse: () => {
          throw error
        },
      })
      return () =>
        answersOf(readingsOf([riddle.key('sphinx')])[0]!, {
          code: 0,
          stdout: '',
          stderr: '',
          timedOut: false,
        })
    }
    expect(failing(new TypeError('no legs'))).to.throw(
      TaskFailure,
      'could not read riddle sphinx: unexpected answer from the host: no legs',
    )
    expect(failing(new InvalidInputError([]))).to.throw(InvalidInputError)
  })

  it('throws the failure of a needed key, but not of one for a later task', async () => {
    const target = new FakeTarget({ door: 'open' })
    const fails = () => ({ code: 1, stderr: 'no window' })
    for (const text of ['get window', 'get door\nget window', 'get window\nget door'])
      target.on(scriptOf(text), fails)
    const request = (name: string) => ({ user: undefined, keys: [thing.key({ name })] })
    await machineOn(target).read(request('door'), [request('window')])
    for (const ahead of [[], [request('door')]]) {
      const error: unknown = await machineOn(target)
        .read(request('window'), ahead)
        .catch((it: unknown) => it)
      expect(String(error)).to.include('could not read thing window (exit code 1): no window')
    }
  })
})

import { expect } from 'chai'

import type { Convergence } from '../../../src/engine/converge/convergence.ts'
import {
  failedResult,
  notKept,
  registered,
  resultOf,
  skipped,
  together,
  unknownResult,
  unreachableResult,
  withoutValues,
  type Result,
} from '../../../src/engine/task/result.ts'
import { ConnectionError, ExitCode, InvalidInputError, TaskFailure } from '../../../src/errors.ts'
import type { Outcome } from '../../../src/target/target.ts'
import { UnknownValue } from '../../../src/variables/not-known.ts'

describe('the result of a task', () => {
  const change = { field: 'mode', before: '0600', after: '0644' }
  const none = { changed: false, changes: [], effects: [] }
  const changed: Result = {
    ...{ status: 'changed', changed: true, changes: [change], effects: ['restarts'], msg: 'said' },
    values: { rc: 0 },
  }
  const ok: Result = { ...none, status: 'ok', msg: '', values: {} }

  describe('of a failure', () => {
    it('returns the message, the hint and the values of a failure without an exit code', () => {
      const failure = new TaskFailure('no such unit', { hint: 'install it' })
      expect(failedResult(failure, { status: 404 })).to.deep.equal({
        ...{ ...none, status: 'failed', msg: 'no such unit\ninstall it', values: { status: 404 } },
      })
      expect(failedResult(new TaskFailure('no such unit')).msg).to.equal('no such unit')
    })

    it('returns the exit code only of a TaskFailure', () => {
      const rolledBack = new TaskFailure('rolled back', { exitCode: ExitCode.rolledBack })
      expect(failedResult(rolledBack).exitCode).to.equal(ExitCode.rolledBack)
      const at = { file: 'site.yml', line: 1, column: 1 }
      expect(failedResult(new InvalidInputError([{ at, message: 'wrong' }]))).not.to.have.property('exitCode')
    })

    it('keeps the changes of a result that is too large to store, but not its values', () => {
      const kept = notKept(changed, new TaskFailure('too large'), 'output')
      expect(kept).to.include({ status: 'failed', changed: true })
      expect(kept).to.deep.include({ changes: [change], effects: ['restarts'], values: {} })
      expect(kept.msg).to.match(/output.*too large/)
    })

    it('drops the output and the values of an item that is too large to store', () => {
      const output = { command: 'cat', code: 0, stdout: 'long', stderr: '' }
      const dropped = withoutValues({ ...changed, output })
      expect(dropped).not.to.have.property('output')
      expect(dropped).to.deep.include({ status: 'changed', changed: true, changes: [change], values: {} })
      expect(dropped.msg).to.match(/^said \(.*output/)
      expect(withoutValues(changed)).to.deep.equal({ ...changed, values: {} })
    })

    it('returns unreachable after a connection error', () => {
      const result = unreachableResult(new ConnectionError('web1', 'lost', 'web1: lost'))
      expect(result).to.include({ status: 'unreachable', changed: false, msg: 'web1: lost' })
    })
  })

  describe('of a convergence', () => {
    const failed = (
      outcome: Partial<Outcome>,
      more: Partial<Extract<Convergence, { type: 'failed' }>> = {},
    ): Result =>
      resultOf({
        ...{
          type: 'failed',
          changed: true,
          changes: [change],
          step: 'apply',
          command: 'the script',
          result: {},
        },
        outcome: { code: 3, stdout: 'out', stderr: '', timedOut: false, ...outcome },
        ...more,
      })

    it('returns the reason of a step that timed out', () => {
      expect(failed({ timedOut: true, stderr: 'slow' }).msg).to.equal('timed out and was stopped')
      expect(failed({ stderr: 'first\nlast\n' }).msg).to.equal('exited with code 3: last')
      expect(failed({}).msg).to.equal('exited with code 3')
    })

    it('returns the values and the message of the module', () => {
      const done = {
        type: 'done',
        changes: [change],
        effects: ['restarts'],
        result: { msg: 'said', rc: 0 },
      } as const
      const values = { msg: 'said', rc: 0 }
      expect(resultOf({ ...done, changed: true })).to.deep.equal({ ...changed, values })
      expect(resultOf({ ...done, changed: false })).to.deep.equal({
        ...changed,
        values,
        status: 'ok',
        changed: false,
      })
      expect(resultOf({ ...done, changed: true, result: { msg: 1 } }).msg).to.equal('')
      expect(resultOf({ type: 'unknown', until: 'x' })).to.deep.equal(unknownResult('x'))
    })

    const messages: [what: string, result: Result, message: RegExp][] = [
      ['the code', failed({}), /code 3$/],
      ['the last line of the errors of a script', failed({ stderr: 'first\nlast\n' }), /code 3: last$/],
      ['no errors of a command', failed({ stderr: 'first' }, { result: { cmd: 'false' } }), /code 3$/],
      ['a time limit', failed({ timedOut: true, stderr: 'x' }), /^timed out/],
      ['too much output', failed({ overflow: 'stderr', stderr: 'x' }), /^stderr exceeds /],
      [
        'a failed validation',
        failed({ stderr: 'x' }, { step: 'validate' }),
        /^validation failed with code 3/,
      ],
    ]
    for (const [what, result, message] of messages)
      it(`reports ${what}`, () => {
        expect(result.msg).to.match(message)
        expect(result).to.deep.include({ status: 'failed', changed: true, changes: [change], effects: [] })
      })

    it('shows the command as the author wrote it, or the script', () => {
      const commands = ['echo x', ['echo', 'x'], undefined].map(
        (cmd) => failed({}, { result: { cmd } }).output?.command,
      )
      expect(commands).to.deep.equal(['echo x', 'echo x', 'the script'])
    })

    it('registers the outcome under the values of the module', () => {
      const { output, values } = failed({ stderr: 'err' }, { result: { cmd: 'x', stdout: 'own' } })
      expect(output).to.deep.equal({ command: 'x', code: 3, stdout: 'out', stderr: 'err' })
      expect(values).to.deep.equal({ rc: 3, stdout: 'own', stderr: 'err', cmd: 'x' })
    })

    it('prefers the explanation of the module, except for output that is too long', () => {
      const meaning = new TaskFailure('no space', { values: { status: 'full' } })
      const explained = failed({}, { meaning, result: { rc: 3 } })
      expect(explained).to.deep.include({
        ...{ msg: 'no space', changed: true, changes: [change], values: { rc: 3, status: 'full' } },
      })
      expect(explained).not.to.have.property('output')
      expect(failed({ overflow: 'stdout' }, { meaning }).msg).to.match(/^stdout exceeds /)
    })
  })

  describe('in a variable', () => {
    it('registers the status alongside the values', () => {
      const lost = unreachableResult(new ConnectionError('web1', 'lost', 'lost'))
      const status = { changed: false, failed: false, skipped: false, msg: '' }
      expect(registered(changed)).to.deep.equal({ ...status, rc: 0, changed: true, msg: 'said' })
      expect(registered(skipped('no'))).to.deep.equal({ ...status, skipped: true, msg: 'no' })
      expect(registered(lost)).to.deep.equal({ ...status, unreachable: true, msg: 'lost' })
      expect(registered(failedResult(new TaskFailure('no')))).to.deep.equal({
        ...{ ...status, failed: true, msg: 'no' },
      })
    })

    it('registers an unknown result as unknown, except for the list of a loop', () => {
      expect(registered(unknownResult('it rains'))).to.deep.equal(new UnknownValue('it rains'))
      const { until, ...rest } = unknownResult('it rains')
      expect(until).to.equal('it rains')
      expect(registered(rest)).to.deep.equal(new UnknownValue('the task has run'))
      const loop = registered(together([unknownResult('it rains'), ok])) as { results: unknown[] }
      expect(loop.results[0]).to.deep.equal(new UnknownValue('it rains'))
      expect(loop.results[1]).to.deep.include({ changed: false, failed: false })
    })
  })

  describe('of a loop', () => {
    const failure = failedResult(new TaskFailure('no'))
    const unknown = unknownResult('it rains')
    const loops: [status: string, results: readonly Result[], msg: string][] = [
      ['failed', [ok, changed, unknown, failure, failedResult(new TaskFailure('later'))], 'no'],
      ['changed', [ok, unknown, changed, skipped('')], unknown.msg],
      ['unknown', [skipped(''), ok, unknown, unknownResult('it snows')], unknown.msg],
      ['ok', [skipped(''), ok], ''],
      ['skipped', [skipped('a'), skipped('b')], ''],
      ['skipped', [], 'nothing to loop over'],
    ]
    for (const [status, results, msg] of loops)
      it(`returns ${status} for a loop with ${results.map((result) => result.status).join(', ') || 'no items'}`, () => {
        const all = together(results)
        expect(all).to.include({ status, msg, changed: results.includes(changed) })
        expect(all.changes).to.deep.equal(results.includes(changed) ? [change] : [])
        expect(all.effects).to.deep.equal(results.includes(changed) ? ['restarts'] : [])
        expect(all.values).to.deep.equal({ results: results.map(registered) })
      })
  })
})

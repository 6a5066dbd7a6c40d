import { ExitCode, TaskFailure, type ConnectionError, type UserError } from '../../errors.ts'
import type { Change } from '../../modules/definition/change.ts'
import { shownOutputLimit } from '../../target/shell/output-limit.ts'
import type { Layer } from '../../variables/layer.ts'
import { unknown } from '../../variables/not-known.ts'
import type { Convergence } from '../converge/convergence.ts'
import type { CommandOutput, TaskStatus } from '../event.ts'

/** The result of a task, or of one item of its loop, on one host. */
export interface Result {
  readonly status: TaskStatus
  readonly changed: boolean
  readonly changes: readonly Change[]
  readonly msg: string
  readonly output?: CommandOutput
  readonly effects: readonly string[]
  /** The exit code of the run after this failure, if it is not 1. */
  readonly exitCode?: ExitCode
  /** The event that makes an unknown result known. */
  readonly until?: string
  /** The values that `register` stores in addition to the status. */
  readonly values: Readonly<Record<string, unknown>>
}

export interface LoopResult extends Result {
  readonly items?: readonly ItemOfLoop[]
}

export interface ItemOfLoop {
  readonly label: string
  /** The variables of the loop. */
  readonly layer: Layer | undefined
  readonly result: Result
}

const nothing = { changed: false, changes: [], effects: [], values: {} } as const

export function skipped(msg: string): Result {
  return { ...nothing, status: 'skipped', msg }
}

export function unknownResult(until: string): Result {
  return { ...nothing, status: 'unknown', until, msg: `unknown (until ${until})` }
}

/** Returns the result of an interrupted task, which may have changed something. */
export function interruptedResult(): Result {
  return { ...nothing, status: 'unknown', msg: 'interrupted: run again to complete the task' }
}

export function failedResult(failure: UserError, values: Readonly<Record<string, unknown>> = {}): Result {
  const hint = failure.hint === undefined ? '' : `\n${failure.hint}`
  const own = failure instanceof TaskFailure && failure.exitCode !== ExitCode.failed
  const exitCode = own ? { exitCode: failure.exitCode } : {}
  return { ...nothing, values, status: 'failed', msg: `${failure.message}${hint}`, ...exitCode }
}

/** Returns a failure for a result that is too large to store. It keeps the changes. */
export function notKept(result: Result, why: TaskFailure, variable: string): Result {
  const { msg, ...failure } = failedResult(why)
  const { changed, changes, effects } = result
  return { ...failure, msg: `cannot register '${variable}': ${msg}`, changed, changes, effects }
}

/** Returns a result without its output, which is too large to store and is not registered. */
export function withoutValues({ output, ...result }: Result): Result {
  const msg = output === undefined ? result.msg : `${result.msg} (the output is too large to store)`
  return { ...result, msg, values: {} }
}

export function unreachableResult(error: ConnectionError): Result {
  return { ...failedResult(error), status: 'unreachable' }
}

export function resultOf(convergence: Convergence): Result {
  switch (convergence.type) {
    case 'unknown':
      return unknownResult(convergence.until)
    case 'done': {
      const { changed, changes, effects, result } = convergence
      return {
        status: changed ? 'changed' : 'ok',
        changed,
        changes,
        effects,
        msg: messageOf(result),
        values: result,
      }
    }
    case 'failed': {
      const { changed, changes, outcome, result, step, meaning } = convergence
      if (meaning !== undefined && outcome.overflow === undefined)
        return { ...failedResult(meaning, { ...result, ...meaning.values }), changed, changes }
      const command = commandOf(result.cmd) ?? convergence.command
      const { code, stdout, stderr } = outcome
      return {
        status: 'failed',
        changed,
        changes,
        effects: [],
        msg:
          step === 'validate'
            ? `validation failed with code ${code}: nothing was changed`
            : reasonOf(convergence),
        output: { command, code, stdout, stderr },
        values: { rc: code, stdout, stderr, ...result },
      }
    }
  }
}

/** Returns the command as the author wrote it: a string for a shell, or a list of words. */
function commandOf(cmd: unknown): string | undefined {
  if (typeof cmd === 'string') return cmd
  return Array.isArray(cmd) ? cmd.join(' ') : undefined
}

/** Returns the message for a stream that exceeds the limit. */
export function tooLong(stream: 'stdout' | 'stderr'): string {
  return `${stream} exceeds ${shownOutputLimit}`
}

/** Returns the reason of a failure. The last line of stderr is the reason only for scripts of modules. */
function reasonOf({ outcome, result }: Extract<Convergence, { type: 'failed' }>): string {
  if (outcome.timedOut) return 'timed out and was stopped'
  if (outcome.overflow !== undefined)
    return `${tooLong(outcome.overflow)}: redirect it to a file or print less`
  const reason = result.cmd === undefined ? outcome.stderr.trim().split('\n').at(-1) : undefined
  return `exited with code ${outcome.code}${reason === undefined || reason === '' ? '' : `: ${reason}`}`
}

function messageOf(result: Readonly<Record<string, unknown>>): string {
  return typeof result.msg === 'string' ? result.msg : ''
}

/** Returns the value of the registered variable. After an unknown result, it is unknown too. */
export function registered(result: Result): unknown {
  if (result.status === 'unknown' && !('results' in result.values))
    return unknown(result.until ?? 'the task has run')
  return {
    ...result.values,
    changed: result.changed,
    failed: result.status === 'failed',
    ...(result.status === 'unreachable' ? { unreachable: true } : {}),
    skipped: result.status === 'skipped',
    msg: result.msg,
  }
}

/** Combines the results of a loop. */
export function together(results: readonly Result[]): Result {
  const status = statusOf(results)
  return {
    status,
    changed: results.some((result) => result.changed),
    changes: results.flatMap((result) => result.changes),
    effects: results.flatMap((result) => result.effects),
    msg: summaryOf(results),
    values: { results: results.map(registered) },
  }
}

function statusOf(results: readonly Result[]): TaskStatus {
  const having = (status: TaskStatus): boolean => results.some((result) => result.status === status)
  if (having('failed')) return 'failed'
  if (having('changed')) return 'changed'
  if (having('unknown')) return 'unknown'
  return having('ok') ? 'ok' : 'skipped'
}

function summaryOf(results: readonly Result[]): string {
  if (results.length === 0) return 'nothing to loop over'
  const failed = results.find((result) => result.status === 'failed')
  return failed?.msg ?? results.find((result) => result.status === 'unknown')?.msg ?? ''
}

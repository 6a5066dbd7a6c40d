import type * as z from 'zod'

import type { ExitCode, TaskFailure } from '../../errors.ts'
import type { Key, Reads, Values } from '../../state/definition/key.ts'
import type { Write } from '../../state/definition/write.ts'
import type { Script } from '../../target/sh.ts'
import type { Change } from './change.ts'
import type { Documentation, ParameterName } from './documentation.ts'

/** A script that makes changes. */
export interface Step {
  readonly script: Script
  readonly writes: readonly Write[]
  /**
   * A script that validates the change before it is made, and changes nothing. It also runs in a dry run, unless
   * earlier changes are only predicted.
   */
  readonly validate?: Script
  /** The essential command of the script, shown instead of the script if it fails. */
  readonly command?: string
  /** The essential command of `validate`. */
  readonly validateCommand?: string
  /** Seconds; half an hour by default. */
  readonly timeLimit?: number
  /** The effect on running services, e.g. "restarts nginx: connections are cut". */
  readonly effect?: string
  /** True if the step may wait for other runs on the host. Values read before it are then stale. */
  readonly waits?: true
  /**
   * True if the script replaces something by what was computed from a reading. Before it does, it compares the host with
   * the reading, and exits with `staleReading` if they differ. The engine then reads and decides again.
   */
  readonly swaps?: true
  /** The lease that this step acquires. */
  readonly acquires?: Lease
  /** The name of the lease that this step releases. */
  readonly releases?: string
}

/**
 * Something that a run holds on the host, e.g. a lock. A step acquires it, and another step or the end of the run
 * releases it, even if the run fails or is interrupted. The engine renews it in the background.
 */
export interface Lease {
  /** A readable name that is unique on the host, e.g. "the deploy lock of /srv/shop". */
  readonly name: string
  /** Seconds between renewals. */
  readonly interval: number
  /**
   * A script that renews the lease. An exit code other than 0 means that the lease is lost; stderr then names the new
   * holder. The engine also runs it before each step on the host, to check that the run still holds the lease.
   */
  readonly renew: Script
  /** Environment variables of the steps under the lease. Other runs on the host find steps that still run by them. */
  readonly environment: Readonly<Record<string, string>>
  /** A script that releases the lease. It has no effect if another run holds the lease. */
  readonly release: Script
}

/** The exit code and output of a step. */
export interface StepOutput {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A file on the controller that is too large to keep its content in memory. It is read piece by piece while it is sent. */
export interface LargeFile {
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** A file or directory on the controller that a task names as its `src`. */
export type Source =
  | {
      readonly type: 'file'
      readonly path: string
      /** The content; always a buffer for a template, which is rendered. */
      readonly content: Buffer | LargeFile
      readonly mode: string
    }
  | { readonly type: 'directory'; readonly path: string; readonly entries: readonly SourceEntry[] }

export interface SourceEntry {
  /** A path relative to the directory, separated by `/`. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'link'
  /** Four octal digits. */
  readonly mode: string
  /** The content of a file. */
  readonly content?: Buffer | LargeFile
  /** The target of a symlink. */
  readonly target?: string
}

/** The validated parameters of a task, with `source` if the module declares one. */
export type Given<Params> = Params & { readonly source?: Source }

export interface ModuleResult<Params, R extends Reads> {
  readonly params: Given<Params>
  /** The state after the changes: read again, or predicted in a dry run. */
  readonly state: Values<R>
  readonly changes: readonly Change[]
  /** The outputs of the steps, in order; empty in a dry run and if there was nothing to do. */
  readonly outputs: readonly StepOutput[]
}

/** The implementation of a task's action. It is pure: it never runs anything and cannot detect a dry run. */
export interface Module<Params, R extends Reads> {
  readonly type: 'module'
  readonly name: string
  /** One sentence for `hostwright doc`. */
  readonly summary: string
  /** Returns the texts of the reference. Every registered module has this function, and no run calls it. */
  documentation?(): Documentation
  readonly params: z.ZodType<Params>
  /** The parameter that the short form `module: value` sets. */
  readonly freeForm?: string
  /** Present if `src` names a file on the controller, to be copied as it is or rendered as a template. */
  readonly source?: 'file' | 'template'
  /** True if the steps only look or wait: they never count as changes, and a dry run does not run them. */
  readonly observes?: true
  /** Returns the keys that the module needs to read. */
  reads(params: Given<Params>): R
  /** Compares the current with the desired state. Throws TaskFailure if the desired state is impossible. */
  diff(state: Values<R>, params: Given<Params>): Change[]
  /** Returns the scripts that make exactly these changes, in order. */
  apply(changes: readonly Change[], params: Given<Params>, state: Values<R>): Step[]
  /** Explains the output of a failed step, if the module can say more than the output does. */
  explain?(failed: StepOutput, params: Given<Params>): TaskFailure | undefined
  /** Returns the fields of the registered variable besides changed, failed, skipped and msg. */
  result?(done: ModuleResult<Params, R>): Record<string, unknown>
}

/** An action that runs on the controller only: debug, assert, fail, set_fact. */
export interface Action<Params> {
  readonly type: 'action'
  readonly name: string
  readonly summary: string
  documentation?(): Documentation
  readonly params: z.ZodType<Params>
  readonly freeForm?: string
  /** Parameters that are expressions. The action gets each as an EvaluatedExpression, or a list of them. */
  readonly expressions?: readonly string[]
  run(params: Params): ActionOutcome
}

export interface EvaluatedExpression {
  readonly text: string
  readonly value: unknown
}

export interface ActionOutcome {
  readonly failed?: true
  /** The exit code of the run after this failure; 1 by default. */
  readonly exitCode?: ExitCode
  readonly msg?: string
  /** Variables to set for the host. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** More fields of the registered variable. */
  readonly result?: Readonly<Record<string, unknown>>
}

// The registry and the engine hold modules with different parameters. Each module's own schema has validated them.
export type AnyModule = Module<object, Reads>
export type AnyAction = Action<unknown>

/** A definition whose documentation names every parameter of its schema, and no others. */
type Documented<Definition, Params, Input> = Omit<Definition, 'type' | 'params' | 'documentation'> & {
  readonly params: z.ZodType<Params, Input>
  documentation?(): Documentation<ParameterName<NoInfer<Input>>>
}

/** Checks and infers the types of the parameters and keys. */
export function defineModule<Params, R extends Reads, Input = unknown>(
  module: Documented<Module<Params, R>, Params, Input>,
): AnyModule {
  return { type: 'module', ...module } as unknown as AnyModule
}

export function defineAction<Params, Input = unknown>(
  action: Documented<Action<Params>, Params, Input>,
): AnyAction {
  return { type: 'action', ...action } as unknown as AnyAction
}

/** Returns the key unless the condition is undefined or false. */
export function when<Value>(condition: unknown, key: () => Key<Value>): Key<Value> | undefined {
  return condition === undefined || condition === false ? undefined : key()
}

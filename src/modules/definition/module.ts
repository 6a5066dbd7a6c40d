import type * as z from 'zod'

import type { ExitCode, TaskFailure } from '../../errors.ts'
import type { Key, Reads, Values } from '../../state/definition/key.ts'
import type { Write } from '../../state/definition/write.ts'
import type { Script } from '../../target/sh.ts'
import type { Documentation, ParameterName } from './documentation.ts'

/** One difference between what is and what is wanted. */
export interface Change {
  /** e.g. "content", "mode", "state" */
  readonly field: string
  /** The file whose content it is. */
  readonly path?: string
  readonly before: unknown
  readonly after: unknown
  /** It cannot be read back: a restart, a command. */
  readonly transient?: true
  /** Its values are shown nowhere. */
  readonly secret?: true
}

/** A script that makes changes. */
export interface Step {
  readonly script: Script
  readonly writes: readonly Write[]
  /**
   * Proves that the change would be a good one before it is made, and changes nothing itself; runs in a dry run too,
   * as long as nothing before it is only predicted.
   */
  readonly validate?: Script
  /** What the script comes to, as a person would type it: shown in its place when it failed. */
  readonly command?: string
  /** The same of what proves the change. */
  readonly validateCommand?: string
  /** Seconds. Without it, half an hour. */
  readonly timeLimit?: number
  /** What it does to the service of users, in words, e.g. "restarts nginx: connections are cut". */
  readonly effect?: string
  /** It may wait for others who work on the host: what was read before it counts no longer. */
  readonly waits?: true
  /** What this step takes hold of. */
  readonly holds?: Lease
  /** The name of a lease that this step gives back. */
  readonly givesBack?: string
}

/**
 * Something on the host that is held from a step on until another step or the end of the run gives it back, whether the
 * run succeeds, fails or is interrupted. Meanwhile the engine renews it, beside whatever else runs.
 */
export interface Lease {
  /** What tells it from others on the host; also for people, e.g. "the deploy lock of /srv/shop". */
  readonly name: string
  /** Seconds between two renewals. */
  readonly interval: number
  /**
   * Says that the holder lives. A code other than 0 means that it is held no longer, and its stderr who holds it now.
   * Whoever takes steps on the host meanwhile runs it too, to see whether they still may.
   */
  readonly renew: Script
  /** What steps find in their environment meanwhile: by it others tell on the host whether any of them still runs. */
  readonly environment: Readonly<Record<string, string>>
  /** Harmless when somebody else holds it. */
  readonly giveBack: Script
}

/** What a step printed. */
export interface StepOutput {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A file or directory beside the playbook that a task names as its `src`. */
export type Source =
  | { readonly type: 'file'; readonly path: string; readonly content: Buffer; readonly mode: string }
  | { readonly type: 'directory'; readonly path: string; readonly entries: readonly SourceEntry[] }

export interface SourceEntry {
  /** Relative to the directory, with `/`. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'link'
  /** Four octal digits. */
  readonly mode: string
  /** Of a file. */
  readonly content?: Buffer
  /** Of a link. */
  readonly target?: string
}

/** What a playbook gave, validated; with `source` where the module names one. */
export type Given<Params> = Params & { readonly source?: Source }

export interface ModuleResult<Params, R extends Reads> {
  readonly params: Given<Params>
  /** As read after the changes; in a dry run as predicted. */
  readonly state: Values<R>
  readonly changes: readonly Change[]
  /** What the steps printed, in order; empty when nothing was to do and in a dry run. */
  readonly outputs: readonly StepOutput[]
}

/** What makes a host so. Pure: it never runs anything and never knows whether the run is dry. */
export interface Module<Params, R extends Reads> {
  readonly type: 'module'
  readonly name: string
  /** One sentence for `hostwright doc`. */
  readonly summary: string
  /** Built only when the reference is wanted: a run has no use for it. Every registered module has one. */
  documentation?(): Documentation
  /** What a playbook may write. */
  readonly params: z.ZodType<Params>
  /** The parameter that `module: text` fills. */
  readonly freeForm?: string
  /** The parameter `src` names a file beside the playbook: as it is, or a template to render. */
  readonly source?: 'file' | 'template'
  /** It only looks or waits: its steps change nothing on the host and never count as changed; a dry run does not take them. */
  readonly observes?: true
  /** The keys it must know. */
  reads(params: Given<Params>): R
  /** Compares what is with what is wanted. An empty list means nothing to do. Throws TaskFailure where it is impossible. */
  diff(state: Values<R>, params: Given<Params>): Change[]
  /** The scripts that make exactly these changes, in order. */
  apply(changes: readonly Change[], params: Given<Params>, state: Values<R>): Step[]
  /** What it means that a step failed, where its output says more to the module than to a person. */
  explain?(failed: StepOutput, params: Given<Params>): TaskFailure | undefined
  /** What `register` gets beside changed, failed, skipped and msg. */
  result?(done: ModuleResult<Params, R>): Record<string, unknown>
}

/** What happens on the controller alone: debug, assert, fail, set_fact. */
export interface Action<Params> {
  readonly type: 'action'
  readonly name: string
  readonly summary: string
  documentation?(): Documentation
  readonly params: z.ZodType<Params>
  readonly freeForm?: string
  /** Parameters that are expressions: the action gets each as an EvaluatedExpression (a list: several). */
  readonly expressions?: readonly string[]
  run(params: Params): ActionOutcome
}

export interface EvaluatedExpression {
  readonly text: string
  readonly value: unknown
}

export interface ActionOutcome {
  readonly failed?: true
  /** With what the run ends because of this failure; 1 without it. */
  readonly exitCode?: ExitCode
  readonly msg?: string
  /** Variables that it sets on the host. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** What `register` gets beside that. */
  readonly result?: Readonly<Record<string, unknown>>
}

// The registry and the engine hold modules of all sorts side by side; their parameters were validated by their own schema.
export type AnyModule = Module<object, Reads>
export type AnyAction = Action<unknown>

/** A definition whose documentation names every parameter of its schema, and no other. */
type Documented<Definition, Params, Input> = Omit<Definition, 'type' | 'params' | 'documentation'> & {
  readonly params: z.ZodType<Params, Input>
  documentation?(): Documentation<ParameterName<NoInfer<Input>>>
}

/** The identity: there for the types of the parameters and keys. */
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

/** A key only where the condition holds. */
export function when<Value>(condition: unknown, key: () => Key<Value>): Key<Value> | undefined {
  return condition === undefined || condition === false ? undefined : key()
}

import type { Position } from '../errors.ts'
import type { Change } from '../modules/definition/module.ts'

/** What a run tells its listeners, in order. Secrets are masked already. */
export type RunEvent =
  | RunStarted
  | PlayStarted
  | TaskStarted
  | HostBusy
  | CommandsShown
  | TaskFinished
  | HandlersPending
  | Warning
  | Recap

/** What an event says of a task, or of an include, whatever became of it. */
export interface Named {
  readonly name: string
  readonly at: Position
  readonly module: { readonly name: string }
}

export interface RunStarted {
  readonly event: 'start'
  readonly playbook: string
  readonly check: boolean
}

export interface PlayStarted {
  readonly event: 'play'
  readonly play: string
  readonly hosts: readonly string[]
  readonly file: string
  readonly line: number
}

/** A task is reached; hosts that its condition leaves out say so later. */
export interface TaskStarted {
  readonly event: 'task-start'
  readonly play: string
  readonly task: string
  readonly module: string
  readonly handler: boolean
  readonly file: string
  readonly line: number
}

/** A host begins with a task, and says so again with the effect when it has something to apply. */
export interface HostBusy {
  readonly event: 'busy'
  readonly host: string
  readonly task: string
  readonly effect?: string
}

/** The scripts of a task, as they run or, in a dry run, would run. */
export interface CommandsShown {
  readonly event: 'commands'
  readonly host: string
  readonly task: string
  readonly user: string | null
  readonly scripts: readonly string[]
}

export type TaskStatus = 'ok' | 'changed' | 'failed' | 'skipped' | 'unreachable' | 'unknown'

export interface TaskFinished {
  readonly event: 'task'
  readonly play: string
  readonly task: string
  readonly module: string
  readonly host: string
  readonly status: TaskStatus
  readonly changed: boolean
  readonly changes: readonly Change[]
  readonly msg: string
  readonly file: string
  readonly line: number
  readonly handler?: true
  /** The failure does not count: ignore_errors, ignore_unreachable. */
  readonly ignored?: true
  /** What a debug task prints, a failed command left. */
  readonly output?: CommandOutput
  /** One for each item of a loop. */
  readonly items?: readonly ItemResult[]
  /** What the change does to users of the host. */
  readonly effects?: readonly string[]
  /** The task says itself whether its changes are to be shown in full. */
  readonly diff?: boolean
  readonly seconds: number
}

export interface CommandOutput {
  readonly command: string
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ItemResult {
  readonly item: string
  readonly status: TaskStatus
  readonly changes: readonly Change[]
  readonly msg: string
  readonly output?: CommandOutput
}

/** Handlers that an earlier, broken-off run left behind and that this run takes over. */
export interface HandlersPending {
  readonly event: 'pending'
  readonly host: string
  readonly handlers: readonly string[]
}

export interface Warning {
  readonly event: 'warning'
  readonly host?: string
  readonly msg: string
}

/** Counts as Ansible's recap has them: ok includes changed. */
export interface HostCounts {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
  /** What a dry run could not know, and what was interrupted. */
  unknown: number
}

export interface Recap {
  readonly event: 'recap'
  readonly hosts: Readonly<Record<string, HostCounts>>
  readonly seconds: number
  readonly check: boolean
  /** Handlers that were notified and did not run, by host: the next run takes them over. */
  readonly pending: Readonly<Record<string, readonly string[]>>
}

export type Listener = (event: RunEvent) => void

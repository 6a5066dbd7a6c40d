import type { Change } from '../modules/definition/change.ts'

/** An event of a run, with secrets masked. */
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

/** The start of a task. Hosts that skip it report that later. */
export interface TaskStarted {
  readonly event: 'task-start'
  readonly play: string
  readonly task: string
  readonly module: string
  readonly handler: boolean
  readonly file: string
  readonly line: number
}

/** The start of a task on a host; emitted again, with the effect, before a change is applied. */
export interface HostBusy {
  readonly event: 'busy'
  readonly host: string
  readonly task: string
  readonly effect?: string
}

/** The scripts that a task runs or, in a dry run, would run. */
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
  /** True if the failure is ignored: ignore_errors, ignore_unreachable. */
  readonly ignored?: true
  /** The output of a debug task or of a failed command. */
  readonly output?: CommandOutput
  /** The results of the items of a loop. */
  readonly items?: readonly ItemResult[]
  /** The effects of the change on users of the host. */
  readonly effects?: readonly string[]
  /** The task's own setting for showing changes in full. */
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

/** Handlers that an interrupted run left behind and that this run takes over. */
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

/** The counts of Ansible's recap: ok includes changed. */
export interface HostCounts {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
  /** Tasks that a dry run could not decide or that were interrupted. */
  unknown: number
}

export interface Recap {
  readonly event: 'recap'
  readonly hosts: Readonly<Record<string, HostCounts>>
  readonly seconds: number
  readonly check: boolean
  /** By host, the notified handlers that did not run; the next run takes them over. */
  readonly pending: Readonly<Record<string, readonly string[]>>
}

export type Listener = (event: RunEvent) => void

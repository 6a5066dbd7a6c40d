import type { Position } from '../errors.ts'
import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import type { Dialect } from '../variables/dialect.ts'
import type { Layer } from '../variables/layer.ts'
import type { Expression, Templated } from '../variables/templated.ts'

/** A playbook, with all imports and roles loaded. */
export interface Playbook {
  readonly file: string
  readonly plays: readonly Play[]
}

export interface Play {
  readonly name: string
  /** The dialect of the name. */
  readonly dialect: Dialect
  readonly at: Position
  /** The host pattern. */
  readonly hosts: string
  readonly hostsAt: Position
  /** Play vars and vars_files, lowest precedence first. */
  readonly vars: readonly Layer[]
  /** Defaults and vars of the play's roles, which every task of the play sees. */
  readonly roles: readonly Role[]
  /** pre_tasks; roles and tasks; post_tasks. Handlers are flushed after each section. */
  readonly sections: readonly (readonly Node[])[]
  /** The handlers in the order in which they run. */
  readonly handlers: readonly Handler[]
  readonly keywords: Keywords
  readonly reach: Reach
  readonly strategy: 'linear' | 'free'
  readonly order: Order
  /** Sizes of the batches of hosts, such as 1, '25%' or [1, '25%']; by default, all hosts at once. */
  readonly serial?: Templated
  readonly maxFailPercentage?: number
  readonly anyErrorsFatal: boolean
  readonly forceHandlers: boolean
}

/** The play's own connection settings; variables of the hosts take precedence. */
export interface Reach {
  readonly connection?: 'ssh' | 'local'
  /** The user who logs in. */
  readonly user?: string
}

/** The order of the hosts of a play. */
export type Order = 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle'

/** The keywords that a play, block or role passes to its tasks; on a task, they are resolved. */
export interface Keywords {
  readonly become?: Flag
  readonly becomeUser?: Templated
  readonly environment?: readonly Templated[]
  readonly ignoreErrors?: Flag
  readonly ignoreUnreachable?: Flag
  readonly noLog?: Flag
  readonly checkMode?: Flag
  readonly diff?: Flag
}

/** True or false, or a template that returns one of them. */
export type Flag = boolean | Templated

export interface Role {
  readonly name: string
  /** The folder of the role. */
  readonly path: string
  readonly defaults: Layer
  readonly vars: Layer
  /** The parameters of the role's entry in the play. */
  readonly params: Layer
}

export type Node = Task | Block | Include

/** A value with the positions of its keys. */
export interface PlaybookValue extends Templated {
  /** Returns the position of the last key of the path. */
  keyAt(path: readonly (string | number)[]): Position
}

/** A number that is not negative, or a template that returns one. */
export type Quantity = number | Templated

export interface Common {
  readonly name: string
  /** The dialect of the name. */
  readonly dialect: Dialect
  readonly at: Position
  /** Conditions that must all be true; those of enclosing blocks and imports come first. */
  readonly when: readonly Expression[]
  /** The node's own tags and the inherited ones. */
  readonly tags: readonly string[]
  /** Vars of enclosing blocks and of the task, lowest precedence first. */
  readonly vars: readonly Layer[]
  readonly keywords: Keywords
  readonly role?: Role
  /** Folders to search for `src`: those of the role, of the playbook, of the project. */
  readonly searchPath: readonly string[]
}

/** The loop of a task or include. */
export interface Loop {
  readonly loop?: Templated
  /** with_items: items that are lists are flattened, one level deep. */
  readonly loopFlattened?: true
  readonly loopVariable: string
  /** The variable that counts from 0. */
  readonly indexVariable?: string
  readonly loopLabel?: Templated
}

export interface Task extends Common, Loop {
  readonly type: 'task'
  readonly module: AnyModule | AnyAction | Meta
  readonly params: PlaybookValue
  readonly register?: string
  readonly notify: readonly Notification[]
  readonly changedWhen?: readonly Expression[]
  readonly failedWhen?: readonly Expression[]
  readonly until?: readonly Expression[]
  readonly retries: Quantity
  /** Seconds. */
  readonly delay: Quantity
  /** The time limit of a step, in seconds. */
  readonly timeout?: Quantity
  /** The maximum number of hosts that run it at the same time. */
  readonly throttle?: number
  readonly runOnce: boolean
}

export interface Notification {
  /** The name of a handler, or a topic that handlers listen to. */
  readonly handler: string
  readonly dialect: Dialect
  readonly at: Position
}

export interface Meta {
  readonly type: 'meta'
  readonly name: 'meta'
  readonly action: MetaAction
}

export type MetaAction =
  | 'flush_handlers'
  | 'noop'
  | 'clear_facts'
  | 'clear_host_errors'
  | 'end_host'
  | 'end_play'
  | 'reset_connection'

export interface Handler extends Task {
  readonly listen: readonly string[]
}

export interface Block extends Common {
  readonly type: 'block'
  readonly block: readonly Node[]
  readonly rescue: readonly Node[]
  readonly always: readonly Node[]
}

/**
 * include_tasks and include_role: loaded when the run reaches them. If the name is known before, the content is
 * checked before the run.
 */
export interface Include extends Common, Loop {
  readonly type: 'include'
  readonly kind: 'tasks' | 'role'
  /** The name of the file or role. */
  readonly target: Templated
  /** The nodes that it will load, if the name contains no expression. */
  readonly preloaded?: readonly Node[]
  /** Loads the nodes for the rendered name. Throws InvalidInputError. */
  load(name: string): readonly Node[]
  /** Handlers of an included role, known after `load`. */
  handlersOf(name: string): readonly Handler[]
}

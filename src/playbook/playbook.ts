import type { Position } from '../errors.ts'
import type { AnyAction, AnyModule } from '../modules/definition/module.ts'
import type { Layer } from '../variables/layer.ts'

/** A playbook as read: typed, every import in place, every role loaded. */
export interface Playbook {
  readonly file: string
  readonly plays: readonly Play[]
}

export interface Play {
  readonly name: string
  readonly at: Position
  /** The host pattern. */
  readonly hosts: string
  readonly hostsAt: Position
  /** Play vars and vars_files, lowest precedence first. */
  readonly vars: readonly Layer[]
  /** Defaults and vars of the roles that the play names, which every task of the play sees. */
  readonly roles: readonly Role[]
  /** pre_tasks; roles and tasks; post_tasks. Handlers are flushed after each. */
  readonly sections: readonly (readonly Node[])[]
  /** In the order in which they run. */
  readonly handlers: readonly Handler[]
  readonly keywords: Keywords
  readonly reach: Reach
  readonly strategy: 'linear' | 'free'
  readonly order: Order
  /** Sizes of the batches of hosts, e.g. 1, '25%' or [1, '25%']; without it, all at once. */
  readonly serial?: Templated
  readonly maxFailPercentage?: number
  readonly anyErrorsFatal: boolean
  readonly forceHandlers: boolean
}

/** How a play reaches its hosts, where it says so; variables of the hosts win. */
export interface Reach {
  readonly connection?: 'ssh' | 'local'
  /** Who logs in. */
  readonly user?: string
}

/** In which order the hosts of a play come. */
export type Order = 'inventory' | 'reverse_inventory' | 'sorted' | 'reverse_sorted' | 'shuffle'

/** What a play, block or role hands down to its tasks; on a task everything is resolved already. Values may hold templates. */
export interface Keywords {
  readonly become?: unknown
  readonly becomeUser?: unknown
  readonly environment?: readonly Templated[]
  readonly ignoreErrors?: unknown
  readonly ignoreUnreachable?: unknown
  readonly noLog?: unknown
  readonly checkMode?: unknown
  readonly diff?: unknown
  /** Where each of them is written. */
  readonly places?: KeywordPlaces
}

export type KeywordPlaces = Readonly<Partial<Record<keyof Omit<Keywords, 'places'>, Position>>>

export interface Role {
  readonly name: string
  /** The folder of the role. */
  readonly path: string
  readonly defaults: Layer
  readonly vars: Layer
  /** Parameters given where the role is named. */
  readonly params: Layer
}

export type Node = Task | Block | Include

/** A value of the playbook that may hold templates, with the places of its parts. */
export interface Templated {
  readonly value: unknown
  /** Where a part of the value stands; of the nearest enclosing part where that one has no place. */
  at(path: readonly (string | number)[]): Position
  /** Where the key stands that the path ends with. */
  keyAt(path: readonly (string | number)[]): Position
}

/** A number that is not negative, or a template that says one. */
export type Quantity = number | Templated

/** A bare JavaScript expression. */
export interface Expression {
  readonly text: string
  readonly at: Position
}

export interface Common {
  readonly name: string
  readonly at: Position
  /** All of them must hold; those of enclosing blocks and imports come first. */
  readonly when: readonly Expression[]
  /** Own and inherited. */
  readonly tags: readonly string[]
  /** Vars of enclosing blocks and of the task, lowest precedence first. */
  readonly vars: readonly Layer[]
  readonly keywords: Keywords
  readonly role?: Role
  /** Folders in which `src` is looked for: those of the role, of the playbook, of the project. */
  readonly searchPath: readonly string[]
}

/** What a task or include is repeated for. */
export interface Loop {
  readonly loop?: Templated
  /** with_items: items that are lists are taken apart, one level deep. */
  readonly loopFlattened?: true
  readonly loopVariable: string
  /** The variable that counts from 0. */
  readonly indexVariable?: string
  readonly loopLabel?: Templated
}

export interface Task extends Common, Loop {
  readonly type: 'task'
  readonly module: AnyModule | AnyAction | Meta
  readonly params: Templated
  readonly register?: string
  readonly notify: readonly Notification[]
  readonly changedWhen?: readonly Expression[]
  readonly failedWhen?: readonly Expression[]
  readonly until?: readonly Expression[]
  readonly retries: Quantity
  /** Seconds. */
  readonly delay: Quantity
  /** Seconds a step may take. */
  readonly timeout?: Quantity
  /** How many hosts may be at it at a time. */
  readonly throttle?: number
  readonly runOnce: boolean
}

export interface Notification {
  /** The name of a handler or a topic that handlers listen to. */
  readonly handler: string
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

/** include_tasks and include_role: what they name is loaded when the run reaches them; what can be loaded before is checked before. */
export interface Include extends Common, Loop {
  readonly type: 'include'
  readonly kind: 'tasks' | 'role'
  /** The name of the file or role. */
  readonly target: Templated
  /** What it will load, where the name holds no expression. */
  readonly preloaded?: readonly Node[]
  /** Loads the nodes once the name is rendered. Throws InvalidInputError. */
  load(name: string): readonly Node[]
  /** Handlers of an included role, known after load. */
  handlersOf(name: string): readonly Handler[]
}

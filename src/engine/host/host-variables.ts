import { TaskFailure } from '../../errors.ts'
import type { Common, Play, Role } from '../../playbook/playbook.ts'
import type { Layer } from '../../variables/layer.ts'
import { NotKnown } from '../../variables/not-known.ts'
import { orderLayers, type LeveledLayers } from '../../variables/precedence.ts'
import { Scope, type ScopeOptions } from '../../variables/scope.ts'
import { hostLimit, type HostMemory } from '../machine/memory-budget.ts'
import { memorySize } from '../machine/memory-size.ts'
import { viewpointOf, type Viewpoint } from './viewpoint.ts'

export interface HostVariablesInput {
  /** The variables of the inventory and of the files alongside the playbook. */
  readonly inventory: LeveledLayers
  /** The variables of the command line, which take precedence over all other settings. */
  readonly extra: readonly Layer[]
  /** Returns inventory_hostname, groups and the other variables that no playbook can set. */
  magic(place: MagicPlace): Layer
  readonly options: Omit<ScopeOptions, 'unavailable'>
}

/** The part of a run whose variables are evaluated. */
export interface MagicPlace {
  readonly play: Play | undefined
  readonly role: Role | undefined
  /** The hosts of the play: all, those that have not failed, and those of the current batch. */
  readonly playHostsAll: readonly string[]
  readonly playHosts: readonly string[]
  readonly playBatch: readonly string[]
  /** Returns the variables of another host, or undefined if it takes no part in the run. */
  readonly scopeOf: (host: string) => Scope | undefined
}

/** The other hosts of the run, as the variables of a host see them. */
export interface Neighbours extends Pick<MagicPlace, 'playHostsAll' | 'playHosts' | 'playBatch'> {
  /** A number that changes with every variable of any host. */
  version: number
  /** During look-ahead, the variables that earlier tasks have not set yet. */
  pending: ReadonlySet<string>
  host(name: string): { readonly variables: HostVariables } | undefined
}

/** The variables of one host during a run. */
export class HostVariables {
  readonly #input: HostVariablesInput
  readonly #neighbours: Neighbours
  readonly #memory: HostMemory
  readonly #set = new Map<string, unknown>()
  readonly #entered: Layer[] = []
  #facts: Layer | undefined
  #play: Play | undefined
  #version = 0
  #looksAtOthers = false
  #scopes = new WeakMap<Viewpoint, { version: number; scope: Scope }>()

  constructor(input: HostVariablesInput, neighbours: Neighbours, memory: HostMemory) {
    this.#input = input
    this.#neighbours = neighbours
    this.#memory = memory
  }

  /** A number that changes with every variable; templates may render differently afterwards. */
  get version(): number {
    return this.#looksAtOthers ? this.#version + this.#neighbours.version : this.#version
  }

  beginPlay(play: Play): void {
    if (this.#play === play) return
    this.#play = play
    this.#changed()
  }

  /** Returns the variables that a task, block, include or the keywords of a play see. */
  scopeOf(place: Common | Play): Scope {
    const viewpoint = 'hosts' in place ? viewpointOf({ vars: [] }) : viewpointOf(place)
    const known = this.#scopes.get(viewpoint)
    if (known?.version === this.version) return known.scope
    const layers = this.#layersOf(viewpoint)
    const scope = new Scope(layers, {
      ...this.#input.options,
      unavailable: (name) => this.#unavailable(name, layers),
    })
    this.#scopes.set(viewpoint, { version: this.version, scope })
    return scope
  }

  /** Returns the variables that the keywords of the play see. */
  scope(): Scope {
    if (this.#play === undefined) throw new Error('no play has begun')
    return this.scopeOf(this.#play)
  }

  /** Throws TaskFailure if the value exceeds a memory limit. */
  register(name: string, value: unknown): void {
    this.setFacts({ [name]: value })
  }

  /** Registers a value that does not count against the limits: it is small or shared with another host. */
  registerFree(name: string, value: unknown): void {
    this.#memory.free(variable(name))
    this.#set.set(name, value)
    this.#changed()
  }

  /** Throws TaskFailure if a value exceeds a memory limit. */
  setFacts(facts: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(facts)) {
      this.#memory.hold(variable(name), memorySize(value, hostLimit))
      this.#set.set(name, value)
    }
    this.#changed()
  }

  /** Throws TaskFailure if the facts exceed a memory limit. */
  learnFacts(layer: Layer): void {
    this.#memory.hold('facts', memorySize(Object.fromEntries(layer.values), hostLimit))
    this.#facts = layer
    this.#changed()
  }

  forgetFacts(): void {
    this.#memory.free('facts')
    this.#facts = undefined
    this.#changed()
  }

  /** Sets the variables that the tasks of a rescue see. A result that is too large is replaced by the reason. */
  noteFailure(task: Readonly<Record<string, unknown>>, result: unknown): void {
    this.registerFree('ansible_failed_task', task)
    try {
      this.register('ansible_failed_result', result)
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error
      this.registerFree('ansible_failed_result', { failed: true, msg: error.message })
    }
  }

  /** Adds the variables of an include's loop until the returned function is called. */
  enter(layer: Layer | undefined): () => void {
    if (layer === undefined) return () => undefined
    this.#entered.push(layer)
    this.#changed()
    return () => {
      this.#entered.splice(this.#entered.indexOf(layer), 1)
      this.#changed()
    }
  }

  /** Does the work of look-ahead while these variables count as not set yet. */
  withPending<Value>(names: ReadonlySet<string>, work: () => Value): Value {
    const before = this.#neighbours.pending
    this.#neighbours.pending = names
    try {
      return work()
    } finally {
      this.#neighbours.pending = before
    }
  }

  #layersOf({ role, vars }: Viewpoint): Layer[] {
    const play = this.#play
    const roles = [...(play?.roles ?? []), ...(role === undefined ? [] : [role])]
    return orderLayers(this.#input.inventory, {
      roleDefaults: roles.map(({ defaults }) => defaults),
      facts: this.#facts === undefined ? [] : [this.#facts],
      playVars: play?.vars ?? [],
      roleVars: roles.map(({ vars }) => vars),
      taskVars: vars,
      setFacts: [{ origin: 'set_fact and register', values: this.#set, literal: true }],
      roleParams: role === undefined ? [] : [role.params],
      includeParams: this.#entered,
      extraVars: this.#input.extra,
      magic: [this.#magic(play, role)],
    })
  }

  /** Returns the variables that other hosts see in hostvars: those of the host, none of the play. */
  #hostScope(): Scope {
    const layers = orderLayers(this.#input.inventory, {
      facts: this.#facts === undefined ? [] : [this.#facts],
      setFacts: [{ origin: 'set_fact and register', values: this.#set, literal: true }],
      extraVars: this.#input.extra,
      magic: [this.#magic(undefined, undefined)],
    })
    return new Scope(layers, {
      ...this.#input.options,
      unavailable: (name) => this.#unavailable(name, layers),
    })
  }

  #magic(play: Play | undefined, role: Role | undefined): Layer {
    const { playHostsAll, playHosts, playBatch } = this.#neighbours
    const scopeOf = (host: string): Scope | undefined => {
      this.#looksAtOthers = true
      const other = this.#neighbours.host(host)
      return other === undefined ? undefined : other.variables.#hostScope()
    }
    return this.#input.magic({ play, role, playHostsAll, playHosts, playBatch, scopeOf })
  }

  #unavailable(name: string, layers: readonly Layer[]): NotKnown | undefined {
    if (this.#neighbours.pending.has(name))
      return new NotKnown('registered', `until the task that sets ${name} has run`)
    const fact = this.#facts === undefined && name.startsWith('ansible_')
    return fact && !layers.some((layer) => layer.values.has(name))
      ? new NotKnown('facts', 'until the facts are gathered')
      : undefined
  }

  forgetRendered(): void {
    this.#changed()
  }

  #changed(): void {
    // Scopes cache rendered strings of any size.
    this.#scopes = new WeakMap()
    this.#version += 1
    this.#neighbours.version += 1
  }
}

function variable(name: string): string {
  return `variable ${name}`
}

import type { Common, Play, Role } from '../playbook/playbook.ts'
import type { Layer } from '../variables/layer.ts'
import { NotKnown } from '../variables/not-known.ts'
import { orderLayers, type LeveledLayers } from '../variables/precedence.ts'
import { Scope, type ScopeOptions } from '../variables/scope.ts'
import type { Roster } from './roster.ts'

export interface HostVariablesInput {
  /** From the inventory and what lies beside the playbook. */
  readonly inventory: LeveledLayers
  /** From the command line: they win over everything that can be set. */
  readonly extra: readonly Layer[]
  /** inventory_hostname, groups, …: nobody can set these. */
  magic(place: MagicPlace): Layer
  readonly options: Omit<ScopeOptions, 'unavailable'>
}

/** Where in a run the variables are looked at. */
export interface MagicPlace {
  readonly play: Play | undefined
  readonly role: Role | undefined
  /** The hosts of the play: all, those that have not failed, and those of its present batch. */
  readonly playHostsAll: readonly string[]
  readonly playHosts: readonly string[]
  readonly playBatch: readonly string[]
  /** The variables of another host; undefined where it takes no part in the run. */
  readonly scopeOf: (host: string) => Scope | undefined
}

interface CachedScope {
  readonly version: number
  readonly scope: Scope
  /** It was used to look at variables of other hosts, which change without notice. */
  glanced: boolean
}

/** The variables of one host as the run goes on. */
export class HostVariables {
  readonly #input: HostVariablesInput
  readonly #roster: Roster
  readonly #set = new Map<string, unknown>()
  readonly #entered: Layer[] = []
  #facts: Layer | undefined
  #play: Play | undefined
  #pending: ReadonlySet<string> = new Set()
  #version = 0
  readonly #scopes = new WeakMap<Common | Play, CachedScope>()

  constructor(input: HostVariablesInput, roster: Roster) {
    this.#input = input
    this.#roster = roster
  }

  /** Another number after every change: what was rendered before may render differently now. */
  get version(): number {
    return this.#version
  }

  beginPlay(play: Play): void {
    if (this.#play === play) return
    this.#play = play
    this.#changed()
  }

  /** The variables as a task, block or include sees them, or as the play's own keywords do. */
  scopeOf(place: Common | Play): Scope {
    const known = this.#scopes.get(place)
    if (known?.version === this.#version && !known.glanced) return known.scope
    const layers = this.#layersOf(place, () => {
      cached.glanced = true
    })
    const scope = new Scope(layers, {
      ...this.#input.options,
      unavailable: (name) => this.#unavailable(name, layers),
    })
    const cached: CachedScope = { version: this.#version, scope, glanced: false }
    this.#scopes.set(place, cached)
    return scope
  }

  /** Whether the place was rendered with variables of other hosts, so that it has to be rendered again each time. */
  looksAtOthers(place: Common): boolean {
    return this.#scopes.get(place)?.glanced ?? false
  }

  /** As `hostvars` of other hosts shows them: without what belongs to a play, and facts only when they were gathered. */
  scopeForOthers(): Scope {
    return new Scope(
      this.#layersOf(undefined, () => undefined),
      this.#input.options,
    )
  }

  /** The variables as the play's own keywords see them. */
  scope(): Scope {
    if (this.#play === undefined) throw new Error('no play has begun')
    return this.scopeOf(this.#play)
  }

  register(name: string, value: unknown): void {
    this.#set.set(name, value)
    this.#changed()
  }

  setFacts(facts: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(facts)) this.#set.set(name, value)
    this.#changed()
  }

  learnFacts(layer: Layer): void {
    this.#facts = layer
    this.#changed()
  }

  forgetFacts(): void {
    this.#facts = undefined
    this.#changed()
  }

  /** For the tasks of a rescue. */
  noteFailure(task: Readonly<Record<string, unknown>>, result: unknown): void {
    this.setFacts({ ansible_failed_task: task, ansible_failed_result: result })
  }

  /** Puts the item of an include's loop on top until the returned function is called. */
  enter(layer: Layer | undefined): () => void {
    if (layer === undefined) return () => undefined
    this.#entered.push(layer)
    this.#changed()
    return () => {
      this.#entered.splice(this.#entered.indexOf(layer), 1)
      this.#changed()
    }
  }

  /** While looking ahead: variables that a task before the one that asks is still going to set. */
  withPending<Value>(names: ReadonlySet<string>, work: () => Value): Value {
    const before = this.#pending
    this.#pending = names
    try {
      return work()
    } finally {
      this.#pending = before
    }
  }

  #layersOf(place: Common | Play | undefined, onGlance: () => void): Layer[] {
    const play = place === undefined ? undefined : this.#play
    const task = place === undefined || 'hosts' in place ? undefined : place
    const role = task?.role
    const roles = [...(play?.roles ?? []), ...(role === undefined ? [] : [role])]
    return orderLayers(this.#input.inventory, {
      roleDefaults: roles.map(({ defaults }) => defaults),
      facts: this.#facts === undefined ? [] : [this.#facts],
      playVars: play?.vars ?? [],
      roleVars: roles.map(({ vars }) => vars),
      taskVars: task?.vars ?? [],
      setFacts: [{ origin: 'set_fact and register', values: this.#set, literal: true }],
      roleParams: role === undefined ? [] : [role.params],
      includeParams: this.#entered,
      extraVars: this.#input.extra,
      magic: [this.#input.magic(this.#magicPlace(play, role, onGlance))],
    })
  }

  #magicPlace(play: Play | undefined, role: Role | undefined, onGlance: () => void): MagicPlace {
    const { playHostsAll, playHosts, playBatch } = this.#roster
    return {
      ...{ play, role, playHostsAll, playHosts, playBatch },
      scopeOf: (host) => {
        onGlance()
        return this.#roster.scopeOf(host, this.#pending)
      },
    }
  }

  #unavailable(name: string, layers: readonly Layer[]): NotKnown | undefined {
    if (this.#pending.has(name)) return new NotKnown('registered', `until the task that sets ${name} has run`)
    const fact = this.#facts === undefined && name.startsWith('ansible_')
    return fact && !layers.some((layer) => layer.values.has(name))
      ? new NotKnown('facts', 'until the facts are gathered')
      : undefined
  }

  /** What was rendered counts no longer. */
  forgetRendered(): void {
    this.#changed()
  }

  #changed(): void {
    this.#version += 1
  }
}

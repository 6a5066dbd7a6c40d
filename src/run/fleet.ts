import { dirname, resolve } from 'node:path'

import type { HostVariablesInput, MagicPlace } from '../engine/host/host-variables.ts'
import { type Diagnostic, NothingMatchedError } from '../errors.ts'
import { connectionOf, type ConnectionVariables } from '../inventory/connection-of.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { loadInventory } from '../inventory/load-inventory.ts'
import { hostNamed, localNames, namesWithin, selectHosts } from '../inventory/select-hosts.ts'
import type { Play, Reach } from '../playbook/playbook.ts'
import { factNames, mayBeFact } from '../state/facts/names.ts'
import { parseExtraVars } from '../variables/extra-vars.ts'
import type { Layer } from '../variables/layer.ts'
import { magicVariables } from '../variables/magic.ts'
import { orderLayers } from '../variables/precedence.ts'
import { Scope } from '../variables/scope.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'
import { defaultInventory } from './default-inventory.ts'
import type { ConnectionOptions } from './options.ts'

export interface FleetOptions {
  readonly playbookDir: string
  readonly secrets: Secrets
  readonly check: boolean
  readonly diff: boolean
  /** Variables of the command itself, which win over those of its options. Their text is data. */
  readonly given?: Readonly<Record<string, unknown>>
}

export interface HostsOfPlays {
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  /** The patterns that match nothing, whatever the limit. */
  readonly unmatched: readonly Diagnostic[]
}

/** The hosts that the command line and the inventory know, with their variables. */
export class Fleet {
  readonly #inventory: Inventory
  readonly #extra: readonly Layer[]
  readonly #commandLine: ConnectionOptions
  readonly #options: FleetOptions
  /** Shared by the variables of all hosts. */
  readonly #groups: Readonly<Record<string, readonly string[]>>
  readonly #hostNames: ReadonlySet<string>
  readonly #groupNames = new Map<string, readonly string[]>()

  static load(commandLine: ConnectionOptions, options: FleetOptions): Fleet {
    const { inventory: named = [], extraVars = [] } = commandLine
    const sources = named.length > 0 ? named : defaultInventory(options.playbookDir)
    const inventory = loadInventory(sources, { playbookDir: options.playbookDir })
    const extra = [...parseExtraVars(extraVars), ...givenLayers(options.given)]
    return new Fleet(inventory, extra, commandLine, options)
  }

  constructor(
    inventory: Inventory,
    extra: readonly Layer[],
    commandLine: ConnectionOptions,
    options: FleetOptions,
  ) {
    this.#inventory = inventory
    this.#extra = extra
    this.#commandLine = commandLine
    this.#options = options
    this.#groups = Object.fromEntries(inventory.groups)
    this.#hostNames = new Set(inventory.hosts.keys())
  }

  /** The names of all variables that come from outside of the playbook. */
  variableNames(): Set<string> {
    const layers = [...this.#hosts()].flatMap((host) => orderLayers(host.layers))
    const set = [...layers, ...this.#extra].flatMap((layer) => [...layer.values.keys()])
    return new Set([...set, ...factNames.map((name) => `ansible_${name}`)])
  }

  /** Whether a host may turn out to have a fact of this name. */
  mayBeVariable(name: string): boolean {
    return name.startsWith('ansible_') && mayBeFact(name.slice('ansible_'.length))
  }

  /** The names of the hosts of a pattern. Throws NothingMatchedError where the pattern or the limit leaves none. */
  select(pattern: string): string[] {
    const { limit } = this.#commandLine
    return selectHosts(this.#inventory, pattern, limit === undefined ? {} : { limit }).map(nameOf)
  }

  /** The names of the hosts that the limit allows; undefined where there is no limit. */
  withinLimit(): ReadonlySet<string> | undefined {
    const { limit } = this.#commandLine
    return limit === undefined ? undefined : namesWithin(this.#inventory, limit)
  }

  /**
   * The names of the hosts of each play: none where the limit leaves none. A limit chooses among the hosts of the
   * inventory: the controller that is none of them takes part in any case.
   */
  hostsOf(plays: readonly Play[]): HostsOfPlays {
    const within = this.withinLimit()
    const hosts = new Map<Play, readonly string[]>()
    const unmatched: Diagnostic[] = []
    for (const play of plays) {
      try {
        const names = selectHosts(this.#inventory, play.hosts).map(nameOf)
        hosts.set(
          play,
          names.filter((name) => within === undefined || within.has(name) || this.#isOnlyController(name)),
        )
      } catch (error) {
        if (!(error instanceof NothingMatchedError)) throw error
        const { message, hint } = error
        unmatched.push({ at: play.hostsAt, message, ...(hint === undefined ? {} : { hint }) })
      }
    }
    return { hosts, unmatched }
  }

  variablesOf(name: string): HostVariablesInput {
    const host = this.#host(name)
    const become = { origin: '--become', values: new Map([['ansible_become', true]]) }
    return {
      inventory: this.#commandLine.become === true ? { ...host.layers, roleDefaults: [become] } : host.layers,
      extra: this.#extra,
      magic: ({ play, role, scopeOf, playHosts, playHostsAll, playBatch }) =>
        magicVariables({
          host: name,
          groupNames: this.#groupNamesOf(host),
          groups: this.#groups,
          hosts: this.#hostNames,
          scopeOf: (other) => scopeOf(other) ?? this.#scopeOf(other),
          checkMode: this.#options.check,
          diffMode: this.#options.diff,
          ...{ playHosts, playHostsAll, playBatch },
          playbookDir: resolve(this.#options.playbookDir),
          ...(play === undefined ? {} : { playName: play.name }),
          ...(role === undefined ? {} : { role: { name: role.name, path: role.path } }),
          ...this.#inventoryDir(),
        }),
      options: { secrets: this.#options.secrets },
    }
  }

  /** A variable of a host, before any play; undefined where it has none of this name. */
  variableOf(host: string, name: string): unknown {
    const scope = this.#scopeOf(host)
    return scope.has(name) ? scope.get(name) : undefined
  }

  /** How to reach a host, as its variables, seen through this scope, the play and the command line say, in this order. */
  connectionOf(name: string, scope = this.#scopeOf(name), play: Reach = {}): ConnectionVariables {
    return connectionOf(this.#host(name), scope, { ...this.#commandLine, ...play })
  }

  #scopeOf(name: string): Scope {
    const input = this.variablesOf(name)
    const magic = input.magic(outsideOfPlays)
    return new Scope(orderLayers(input.inventory, { extraVars: this.#extra, magic: [magic] }), input.options)
  }

  #hosts(): Iterable<Host> {
    return [...this.#inventory.hosts.values(), this.#inventory.localhost]
  }

  #host(name: string): Host {
    const host = hostNamed(this.#inventory, name)
    if (host === undefined) throw new Error(`no host is called ${name}`)
    return host
  }

  /**
   * Returns the groups of a host without `all`, sorted: always the same list for the same groups. A rendered task is
   * used again, also for other hosts, only while the variables that it read are the same objects.
   */
  #groupNamesOf({ groups }: Host): readonly string[] {
    const names = groups.filter((group) => group !== 'all').toSorted()
    const key = JSON.stringify(names)
    const known = this.#groupNames.get(key) ?? names
    this.#groupNames.set(key, known)
    return known
  }

  #isOnlyController(name: string): boolean {
    return localNames.includes(name) && !this.#inventory.hosts.has(name)
  }

  #inventoryDir(): { inventoryDir: string } | Record<string, never> {
    const [first] = this.#inventory.sources
    return first === undefined ? {} : { inventoryDir: dirname(resolve(first)) }
  }
}

function givenLayers(given: Readonly<Record<string, unknown>> = {}): Layer[] {
  const values = new Map(Object.entries(given))
  return values.size === 0 ? [] : [{ origin: 'the command', values, literal: true }]
}

/** Before and beside a run. */
const outsideOfPlays: MagicPlace = {
  play: undefined,
  role: undefined,
  playHostsAll: [],
  playHosts: [],
  playBatch: [],
  scopeOf: () => undefined,
}

function nameOf({ name }: Host): string {
  return name
}

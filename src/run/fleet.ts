import { dirname, resolve } from 'node:path'

import type { HostVariablesInput, MagicPlace } from '../engine/host/host-variables.ts'
import { type Diagnostic, NothingMatchedError } from '../errors.ts'
import { connectionOf, type ConnectionVariables } from '../inventory/connection-of.ts'
import type { Host, Inventory } from '../inventory/inventory.ts'
import { loadInventory } from '../inventory/load-inventory.ts'
import { hostNamed, localNames, namesWithin, selectHosts } from '../inventory/select-hosts.ts'
import type { Play, Reach } from '../playbook/playbook.ts'
import { factNames, mayBeFact } from '../state/facts/index.ts'
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
  /** Variables that the command sets; they override those of `--extra-vars`. Strings in them are data, not templates. */
  readonly given?: Readonly<Record<string, unknown>>
}

export interface HostsOfPlays {
  readonly hosts: ReadonlyMap<Play, readonly string[]>
  /** The patterns that match nothing, even without the limit. */
  readonly unmatched: readonly Diagnostic[]
}

/** The hosts of the inventory, with the variables of the inventory and the command line. */
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

  /** Sentences about names in the inventory that probably have a typo. */
  get warnings(): readonly string[] {
    return this.#inventory.warnings
  }

  /** Returns the names of all variables that are not set in the playbook. */
  variableNames(): Set<string> {
    const layers = [...this.#hosts()].flatMap((host) => orderLayers(host.layers))
    const set = [...layers, ...this.#extra].flatMap((layer) => [...layer.values.keys()])
    return new Set([...set, ...factNames.map((name) => `ansible_${name}`)])
  }

  /** Returns true if a host may have a fact of this name. */
  mayBeVariable(name: string): boolean {
    return name.startsWith('ansible_') && mayBeFact(name.slice('ansible_'.length))
  }

  /** Returns the names of the hosts of a pattern. Throws NothingMatchedError if none matches the pattern and the limit. */
  select(pattern: string): string[] {
    const { limit } = this.#commandLine
    return selectHosts(this.#inventory, pattern, limit === undefined ? {} : { limit }).map(nameOf)
  }

  /** Returns the names of the hosts that the limit allows; undefined if there is no limit. */
  withinLimit(): ReadonlySet<string> | undefined {
    const { limit } = this.#commandLine
    return limit === undefined ? undefined : namesWithin(this.#inventory, limit)
  }

  /**
   * Returns the names of the hosts of each play. A limit selects hosts of the inventory: it does not exclude the
   * controller unless the inventory names it.
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
    const become: Layer = { origin: '--become', values: new Map([['ansible_become', true]]), literal: true }
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

  /** Returns a variable of a host outside of plays; undefined if the host has no variable of this name. */
  variableOf(host: string, name: string): unknown {
    const scope = this.#scopeOf(host)
    return scope.has(name) ? scope.get(name) : undefined
  }

  /** Returns how to connect to a host, as set by its variables in this scope, the play or the command line, in this order. */
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
    if (host === undefined) throw new Error(`unknown host ${name}`)
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

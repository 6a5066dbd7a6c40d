import { magicNames } from '../variables/magic.ts'

/** Names of variables, of several origins; when something unknown may define more, every name is visible. */
export class VisibleNames {
  readonly #sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[]
  readonly #open: boolean

  constructor(sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[], open = false) {
    this.#sets = sets
    this.#open = open
  }

  with(...sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[]): VisibleNames {
    return new VisibleNames([...this.#sets, ...sets], this.#open)
  }

  has(name: string): boolean {
    return this.#open || this.#sets.some((set) => set.has(name))
  }

  *[Symbol.iterator](): Generator<string> {
    for (const set of this.#sets) yield* set.keys()
  }
}

/** What a run itself defines, whatever the inventory and the playbook say. */
export const definedByRun: ReadonlySet<string> = new Set([
  ...magicNames,
  'ansible_facts',
  'ansible_failed_task',
  'ansible_failed_result',
])

import { magicNames } from '../../variables/magic.ts'

/** Names of variables, of several origins, and those of which nobody can say before the run whether they will be there. */
export class VisibleNames {
  readonly #sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[]
  readonly #mayBe: (name: string) => boolean

  constructor(
    sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[],
    mayBe: (name: string) => boolean = () => false,
  ) {
    this.#sets = sets
    this.#mayBe = mayBe
  }

  with(...sets: readonly (ReadonlySet<string> | ReadonlyMap<string, unknown>)[]): VisibleNames {
    return new VisibleNames([...this.#sets, ...sets], this.#mayBe)
  }

  has(name: string): boolean {
    return this.#sets.some((set) => set.has(name)) || this.#mayBe(name)
  }

  *[Symbol.iterator](): Generator<string> {
    for (const set of this.#sets) yield* set.keys()
  }
}

/** When something unknown may define more, every name is visible. */
export const anyName = (): boolean => true

/** What a run itself defines, whatever the inventory and the playbook say. */
export const definedByRun: ReadonlySet<string> = new Set([
  ...magicNames,
  'ansible_facts',
  'ansible_failed_task',
  'ansible_failed_result',
])

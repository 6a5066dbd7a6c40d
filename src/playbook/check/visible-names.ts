import { magicNames } from '../../variables/magic.ts'

/** The names of variables from several origins, including those that may become defined during the run. */
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

/** Makes every name visible, because an unknown part of the playbook may define it. */
export const anyName = (): boolean => true

/** Names that every run defines. */
export const definedByRun: ReadonlySet<string> = new Set([
  ...magicNames,
  'ansible_facts',
  'ansible_failed_task',
  'ansible_failed_result',
])

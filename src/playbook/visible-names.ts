/** What a run itself defines, whatever the inventory and the playbook say. */
const magic = [
  'inventory_hostname',
  'inventory_hostname_short',
  'inventory_dir',
  'group_names',
  'groups',
  'hostvars',
  'ansible_check_mode',
  'ansible_diff_mode',
  'ansible_play_hosts',
  'ansible_play_batch',
  'ansible_play_name',
  'ansible_facts',
  'ansible_failed_task',
  'ansible_failed_result',
  'playbook_dir',
  'role_name',
  'role_path',
  'omit',
]

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

export const magicNames: ReadonlySet<string> = new Set(magic)

import type { Draft, GroupDraft } from './draft.ts'

/** The tree of groups. `all` contains every group. */
export class GroupTree {
  readonly #draft: Draft
  readonly #depths = new Map<string, number>()
  readonly #parents = new Map<string, string[]>()

  /** Reports groups that contain themselves. */
  constructor(draft: Draft) {
    this.#draft = draft
    this.#breakCycles()
    for (const { name, children } of draft.groups.values()) {
      for (const child of children.keys())
        this.#parents.set(child, [...(this.#parents.get(child) ?? []), name])
    }
  }

  /** Returns the hosts of a group and of its children. */
  hostsOf(name: string): ReadonlySet<string> {
    const group = this.#draft.groups.get(name)
    const hosts = new Set(group?.hosts)
    for (const child of group?.children.keys() ?? []) {
      for (const host of this.hostsOf(child)) hosts.add(host)
    }
    return hosts
  }

  /** Returns all groups of a host, from `all` down; groups of the same depth by priority, then by name. */
  groupsOf(host: string): GroupDraft[] {
    const names = new Set<string>()
    const enter = (name: string): void => {
      if (names.has(name)) return
      names.add(name)
      for (const parent of this.#parents.get(name) ?? []) enter(parent)
    }
    for (const { name, hosts } of this.#draft.groups.values()) if (hosts.has(host)) enter(name)
    names.delete('all')
    names.delete('ungrouped')
    const all = ['all', ...(names.size === 0 ? ['ungrouped'] : names)]
    return all.map((name) => this.#draft.group(name)).toSorted((one, other) => this.#compare(one, other))
  }

  #compare(one: GroupDraft, other: GroupDraft): number {
    const byDepth = this.#depth(one.name) - this.#depth(other.name)
    if (byDepth !== 0) return byDepth
    if (one.priority !== other.priority) return one.priority - other.priority
    return one.name < other.name ? -1 : 1
  }

  #depth(name: string): number {
    if (name === 'all') return 0
    const known = this.#depths.get(name)
    if (known !== undefined) return known
    const depth = Math.max(0, ...(this.#parents.get(name) ?? []).map((parent) => this.#depth(parent))) + 1
    this.#depths.set(name, depth)
    return depth
  }

  #breakCycles(): void {
    const done = new Set<string>()
    const walk = (name: string, way: readonly string[]): void => {
      if (done.has(name)) return
      const group = this.#draft.group(name)
      for (const [child, at] of group.children) {
        if (child === name || way.includes(child)) {
          const cycle = [...way.slice(Math.max(way.indexOf(child), 0)), name, child].join(' → ')
          this.#draft.report(at, `the group '${child}' contains itself: ${cycle}`)
          group.children.delete(child)
        } else walk(child, [...way, name])
      }
      done.add(name)
    }
    for (const name of [...this.#draft.groups.keys()]) walk(name, [])
  }
}

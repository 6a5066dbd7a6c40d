import type { Task } from '../../playbook/playbook.ts'
import type { Reads } from '../../variables/reads.ts'
import type { Scope } from '../../variables/scope.ts'

interface Rendered<Value> {
  readonly value: Value
  readonly reads: Reads
}

/** What is kept of a task: hosts differ in groups, or each from each. */
const most = 3

/** What tasks are rendered to, shared by the hosts for which the variables that were read are the same. */
export class SharedRendering<Value> {
  readonly #isCurrent: (value: Value, task: Task) => boolean
  readonly #known = new WeakMap<Task, readonly Rendered<Value>[]>()

  /** @param isCurrent whether a value may be shared, and what it was made of beside variables is still the same */
  constructor(isCurrent: (value: Value, task: Task) => boolean) {
    this.#isCurrent = isCurrent
  }

  get(task: Task, scope: Scope, render: () => Value): Value {
    const known = this.#known.get(task) ?? []
    const same = known.find(({ value, reads }) => scope.holds(reads) && this.#isCurrent(value, task))
    if (same !== undefined) return same.value
    const rendered = scope.recording(render)
    if (rendered.reads.isRepeatable) this.#known.set(task, [rendered, ...known].slice(0, most))
    return rendered.value
  }

  forget(task: Task): void {
    this.#known.delete(task)
  }
}

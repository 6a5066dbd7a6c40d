import type { Task } from '../../playbook/playbook.ts'
import type { Reads } from '../../variables/reads.ts'
import type { Scope } from '../../variables/scope.ts'

interface Rendered<Value> {
  readonly value: Value
  readonly reads: Reads
}

/** The number of renderings kept per task. More would not help: hosts differ by group or all from each other. */
const most = 3

/** Renderings of tasks, shared by hosts for which all variables that the task reads are equal. */
export class SharedRendering<Value> {
  readonly #isCurrent: (value: Value, task: Task) => boolean
  readonly #known = new WeakMap<Task, readonly Rendered<Value>[]>()

  /** @param isCurrent returns whether a value may be shared and its inputs other than variables are unchanged */
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

import pLimit, { type LimitFunction } from 'p-limit'

import type { Task } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'

/** Limits how many hosts work at the same time: `forks` of the run and `throttle` of a task. */
export class HostLimiter {
  readonly #limit: LimitFunction
  /** The limits of tasks that have a `throttle`. */
  readonly #throttles = new Map<Task, LimitFunction>()

  constructor(limit: LimitFunction) {
    this.#limit = limit
  }

  /** Does the work on each host. Returns after all hosts have finished, even if the run was interrupted. */
  async onEach(
    hosts: readonly HostRun[],
    work: (host: HostRun) => Promise<unknown>,
    task?: Task,
  ): Promise<void> {
    // A host that waits for the throttle of a task must not occupy a fork.
    const turn = this.#throttleOf(task)
    // The result of a host must not stay in memory until all hosts are done.
    const alone = async (host: HostRun): Promise<void> => {
      await work(host)
    }
    await allOf(hosts.map((host) => turn(() => this.#limit(() => alone(host)))))
  }

  /** Returns the limit of the task, which all calls share: with `strategy: free` each host arrives alone. */
  #throttleOf(task: Task | undefined): <Value>(work: () => Promise<Value>) => Promise<Value> {
    if (task?.throttle === undefined) return (work) => work()
    const limit = this.#throttles.get(task) ?? pLimit(task.throttle)
    this.#throttles.set(task, limit)
    return limit
  }
}

/** Waits for all promises, even if one is rejected, and then throws the first error. */
export async function allOf(works: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((work) => work.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

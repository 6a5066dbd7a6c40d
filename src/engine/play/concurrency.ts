import pLimit, { type LimitFunction } from 'p-limit'

import type { Task } from '../../playbook/playbook.ts'
import type { HostRun } from '../host/host-run.ts'

/** Lets hosts work side by side: as many as the run allows, and as many together as a task says. */
export class HostLimiter {
  readonly #limit: LimitFunction
  /** Of the tasks that few hosts may be at together. */
  readonly #throttles = new Map<Task, LimitFunction>()

  constructor(limit: LimitFunction) {
    this.#limit = limit
  }

  /** Also when the run is broken off, every host has ended its work before this returns. */
  async onEach(
    hosts: readonly HostRun[],
    work: (host: HostRun) => Promise<unknown>,
    task?: Task,
  ): Promise<void> {
    // A host that waits for its turn at the task takes no place from hosts that are elsewhere.
    const turn = this.#throttleOf(task)
    // What one host answered must not stay in memory until all of them are done.
    const alone = async (host: HostRun): Promise<void> => {
      await work(host)
    }
    await allOf(hosts.map((host) => turn(() => this.#limit(() => alone(host)))))
  }

  /** Lets as many hosts be at a task together as it says; with strategy free they come to it one by one. */
  #throttleOf(task: Task | undefined): <Value>(work: () => Promise<Value>) => Promise<Value> {
    if (task?.throttle === undefined) return (work) => work()
    const limit = this.#throttles.get(task) ?? pLimit(task.throttle)
    this.#throttles.set(task, limit)
    return limit
  }
}

/** Waits for all of them, also when one fails. */
export async function allOf(works: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((work) => work.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

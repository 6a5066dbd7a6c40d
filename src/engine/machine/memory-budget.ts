import { getHeapStatistics } from 'node:v8'

import { TaskFailure } from '../../errors.ts'

const megabyte = 1024 * 1024

/** The bytes that the stored results of one host may occupy. */
export const hostLimit = 64 * megabyte

/** The share of the heap; the rest is for answers that are being parsed and for everything else. */
const shareOfHeap = 1 / 4

/** Limits the memory that hosts occupy after their tasks: registered results, facts and answers. */
export class MemoryBudget {
  /** The bytes for all hosts together. */
  readonly limit: number
  /** The bytes that are reserved for each host. */
  readonly assured: number
  used = 0

  constructor(hosts: number, heap = getHeapStatistics().heap_size_limit) {
    this.limit = heap * shareOfHeap
    this.assured = Math.min(hostLimit, this.limit / Math.max(hosts, 1))
  }
}

/** The memory that one host occupies, by item. */
export class HostMemory {
  readonly #host: string
  readonly #budget: MemoryBudget
  readonly #sizes = new Map<string, number>()
  #used = 0

  constructor(host: string, budget: MemoryBudget) {
    this.#host = host
    this.#budget = budget
  }

  /**
   * Sets the bytes that an item, such as a variable, occupies. Throws TaskFailure if they exceed a limit: the caller
   * must not store the item then, and its previous size still counts.
   */
  hold(item: string, bytes: number): void {
    const growth = bytes - (this.#sizes.get(item) ?? 0)
    if (growth > 0) this.#demandRoom(growth)
    this.#account(item, bytes, growth)
  }

  free(item: string): void {
    this.hold(item, 0)
  }

  #account(item: string, bytes: number, growth: number): void {
    if (bytes === 0) this.#sizes.delete(item)
    else this.#sizes.set(item, bytes)
    this.#used += growth
    this.#budget.used += growth
  }

  #demandRoom(growth: number): void {
    const used = this.#used + growth
    if (used > hostLimit) throw tooMuch(this.#host, hostLimit)
    if (used > this.#budget.assured && this.#budget.used + growth > this.#budget.limit)
      throw tooMuch(
        'all hosts',
        this.#budget.limit,
        ', or raise the memory limit of Node.js (--max-old-space-size)',
      )
  }
}

function tooMuch(whose: string, limit: number, otherwise = ''): TaskFailure {
  return new TaskFailure(`the stored results of ${whose} exceed ${Math.floor(limit / megabyte)} MB`, {
    hint: `write the output to a file on the host, or register fewer results${otherwise}`,
  })
}

import { getHeapStatistics } from 'node:v8'

import { TaskFailure } from '../../errors.ts'

const megabyte = 1024 * 1024

/** Bytes that the results kept of one host may occupy. */
export const hostLimit = 64 * megabyte

/** Of the heap; the rest is for answers that are being read and for everything else. */
const shareOfHeap = 1 / 4

/** Bounds the memory that answers of hosts occupy after their tasks: registered results, facts, what was read. */
export class MemoryBudget {
  /** Bytes for all hosts together. */
  readonly limit: number
  /** Bytes that each host gets, however much the others hold. */
  readonly assured: number
  used = 0

  constructor(hosts: number, heap = getHeapStatistics().heap_size_limit) {
    this.limit = heap * shareOfHeap
    this.assured = Math.min(hostLimit, this.limit / Math.max(hosts, 1))
  }
}

/** What the run holds of one host, item by item. */
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
   * An item, such as a variable, occupies so many bytes from now on, instead of those it occupied before. Throws
   * TaskFailure where that exceeds a limit: the item must not be kept then, and what it was before still counts.
   */
  hold(item: string, bytes: number): void {
    const growth = bytes - (this.#sizes.get(item) ?? 0)
    if (growth > 0) this.#demandRoom(growth)
    this.#account(item, bytes, growth)
  }

  /** The item occupies nothing any more. */
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
  return new TaskFailure(`the results kept of ${whose} exceed ${Math.floor(limit / megabyte)} MB`, {
    hint: `write the output to a file on the host, or register fewer results${otherwise}`,
  })
}

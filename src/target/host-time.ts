import { now } from '../clock.ts'

/** Milliseconds between two looks at the time. */
const interval = 50

/**
 * Measures the time that hosts take. While this process is busy, stopped or waits for a CPU, it does not read what hosts
 * have sent, so that time does not count. Such time shows in a look that comes late; a late look counts as one interval,
 * so that a silent host is reported in the end even if this process is always busy.
 */
class HostClock {
  readonly #limits = new Set<HostTimeLimit>()
  #timer: NodeJS.Timeout | undefined
  #milliseconds = 0
  #lastLook = 0

  add(limit: HostTimeLimit): number {
    if (this.#timer === undefined) {
      this.#lastLook = now()
      this.#timer = setInterval(() => {
        this.#look()
      }, interval)
    }
    this.#limits.add(limit)
    return this.#milliseconds
  }

  remove(limit: HostTimeLimit): void {
    this.#limits.delete(limit)
    if (this.#limits.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const time = now()
    const elapsed = time - this.#lastLook
    this.#lastLook = time
    this.#milliseconds += elapsed < 2 * interval ? elapsed : interval
    const over = [...this.#limits].filter((limit) => limit.end <= this.#milliseconds)
    // This process reads what has arrived in the meantime before it expires the limits.
    if (over.length > 0)
      setImmediate(() => {
        for (const limit of over) if (this.#limits.has(limit)) limit.expire()
      })
  }
}

const clock = new HostClock()

/** A limit on the time that a host may take. Every such limit is one of these. */
export class HostTimeLimit {
  /** Its end, in milliseconds of the clock of hosts. */
  readonly end: number
  readonly #action: () => void

  /** @param action is called when the host has taken longer */
  constructor(seconds: number, action: () => void) {
    this.#action = action
    this.end = clock.add(this) + seconds * 1000
  }

  /** Ends the limit because the host is done. */
  clear(): void {
    clock.remove(this)
  }

  expire(): void {
    this.clear()
    this.#action()
  }
}

import { now } from '../clock.ts'

/** The milliseconds between two checks of the time. */
const interval = 50

/**
 * Measures the time that hosts take. While this process is busy, stopped or waits for a CPU, it does not read the
 * answers of hosts, so that time does not count. A late check of the time reveals it. A late check counts as one
 * interval, so that a silent host is eventually reported even if this process is always busy.
 */
export class HostClock {
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
    // Data that has arrived in the meantime is read before the limits expire.
    if (over.length > 0)
      setImmediate(() => {
        for (const limit of over) if (this.#limits.has(limit)) limit.expire()
      })
  }
}

/** A limit on the time that a host may take. All limits on hosts must use this class. */
export class HostTimeLimit {
  /** The clock of new limits. */
  static clock = new HostClock()
  /** The end in milliseconds of the host clock. */
  readonly end: number
  readonly #action: () => void
  readonly #clock = HostTimeLimit.clock

  /** @param action is called when the limit expires */
  constructor(seconds: number, action: () => void) {
    this.#action = action
    this.end = this.#clock.add(this) + seconds * 1000
  }

  /** Cancels the limit because the host is done. */
  clear(): void {
    this.#clock.remove(this)
  }

  expire(): void {
    this.clear()
    this.#action()
  }
}

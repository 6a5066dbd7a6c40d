/** Milliseconds between two looks at the time. */
const interval = 50

/**
 * Time that hosts take: that in which this process reads at once what they send. While it is busy, stopped or waits for
 * a CPU, what they have sent lies here and is not read; that time is not theirs. It shows by looks that come late.
 */
class HostClock {
  readonly #limits = new Set<HostTimeLimit>()
  #timer: NodeJS.Timeout | undefined
  #milliseconds = 0
  #lastLook = 0

  add(limit: HostTimeLimit): number {
    if (this.#timer === undefined) {
      this.#lastLook = performance.now()
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
    const now = performance.now()
    const elapsed = now - this.#lastLook
    this.#lastLook = now
    if (elapsed < 2 * interval) this.#milliseconds += elapsed
    const over = [...this.#limits].filter((limit) => limit.end <= this.#milliseconds)
    // Only now is read what has arrived meanwhile.
    if (over.length > 0)
      setImmediate(() => {
        for (const limit of over) if (this.#limits.has(limit)) limit.expire()
      })
  }
}

const clock = new HostClock()

/** How long a host may take for something. Every limit on a host's time is one of these. */
export class HostTimeLimit {
  /** As the clock of the hosts tells it. */
  readonly end: number
  readonly #action: () => void

  /** @param action is called when the host has taken longer */
  constructor(seconds: number, action: () => void) {
    this.#action = action
    this.end = clock.add(this) + seconds * 1000
  }

  /** The host is done. */
  clear(): void {
    clock.remove(this)
  }

  expire(): void {
    this.clear()
    this.#action()
  }
}

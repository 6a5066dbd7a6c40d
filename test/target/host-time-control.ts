import { HostClock, HostTimeLimit } from '../../src/target/host-time.ts'

/** The longest interval of a timer, in milliseconds. */
const longest = 2 ** 31 - 1

export interface HostTimeControl {
  /** Lets this many seconds pass. The actions that follow from it have run when the promise resolves. */
  readonly pass: (seconds: number) => Promise<void>
  /** The number of timers that still repeat. */
  readonly timers: number
}

/**
 * Lets the time of HostTimeLimit pass without waiting, for the tests of the surrounding `describe`.
 */
export function controlHostTime(): HostTimeControl {
  const { setInterval, clearInterval } = globalThis
  const bigint = process.hrtime.bigint.bind(process.hrtime)
  const checks = new Map<object, { readonly action: () => void; readonly interval: number; next: number }>()
  let time = 0

  const { clock } = HostTimeLimit

  beforeEach(() => {
    checks.clear()
    // limits that other tests have left in this process keep their own clock
    HostTimeLimit.clock = new HostClock()
    process.hrtime.bigint = () => BigInt(time) * 1_000_000n
    globalThis.setInterval = ((action: () => void, interval: number) => {
      const timer = setInterval(() => undefined, longest).unref()
      checks.set(timer, { action, interval, next: time + interval })
      return timer
    }) as never
    globalThis.clearInterval = ((timer: NodeJS.Timeout) => {
      clearInterval(timer)
      checks.delete(timer)
    }) as never
  })
  afterEach(() => {
    Object.assign(globalThis, { setInterval, clearInterval })
    process.hrtime.bigint = bigint
    HostTimeLimit.clock = clock
  })

  return {
    async pass(seconds) {
      await new Promise((resolve) => setImmediate(resolve))
      const end = time + seconds * 1000
      while (time < end) {
        time += 1
        for (const check of checks.values())
          if (check.next === time) {
            check.next += check.interval
            check.action()
          }
        if (time % 1000 === 0 || time === end) await new Promise((resolve) => setImmediate(resolve))
      }
    },
    get timers() {
      return checks.size
    },
  }
}

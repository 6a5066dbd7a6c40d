/**
 * Lets the time of HostTimeLimit pass without waiting, for the tests of the surrounding `describe`.
 * @returns lets this many seconds pass, and the actions that follow run
 */
export function controlHostTime(): (seconds: number) => Promise<void> {
  const { setInterval, clearInterval } = globalThis
  const bigint = process.hrtime.bigint.bind(process.hrtime)
  const checks = new Map<object, { readonly action: () => void; readonly interval: number; next: number }>()
  let time = 0

  beforeEach(() => {
    checks.clear()
    process.hrtime.bigint = () => BigInt(time) * 1_000_000n
    globalThis.setInterval = ((action: () => void, interval: number) => {
      const timer = {}
      checks.set(timer, { action, interval, next: time + interval })
      return timer
    }) as never
    globalThis.clearInterval = ((timer: object) => checks.delete(timer)) as never
  })
  afterEach(() => {
    Object.assign(globalThis, { setInterval, clearInterval })
    process.hrtime.bigint = bigint
  })

  return async (seconds) => {
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
  }
}

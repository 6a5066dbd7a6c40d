import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Up to this number of hosts, more frequent collections cost more than they save. */
const fewHosts = 5

/**
 * Limits the garbage of a run on many hosts: by default, V8 collects the old generation only when it is up to four times
 * as large as what is in use.
 */
export function limitGarbage(hosts: number): void {
  if (hosts <= fewHosts) return
  setFlagsFromString('--heap-growing-percent=50')
  // V8 sets the next limit at the end of a collection.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

/** Sets the defaults again: V8 rejects compiled code that was written under other flags. */
export function restoreGarbageCollection(): void {
  setFlagsFromString('--heap-growing-percent=0')
  setFlagsFromString('--no-expose-gc')
}

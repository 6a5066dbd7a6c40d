import { setTimeout as wait } from 'node:timers/promises'

/** A client that sends a request, waits for the answer, pauses, and repeats. */
export async function comeAgain(
  ask: () => Promise<void>,
  thinkTime: () => number,
  leave: AbortSignal,
): Promise<void> {
  while (!leave.aborted) {
    await ask()
    await untilAborted(thinkTime(), leave)
  }
}

/**
 * Clients that arrive at a fixed rate, regardless of others. A stalled server, or this process when it is late,
 * delays none of them: each client gets the time at which it should have come.
 */
export async function arrive(
  perSecond: number,
  ask: (planned: number) => Promise<void>,
  leave: AbortSignal,
): Promise<void> {
  const underWay: Promise<void>[] = []
  const start = performance.now()
  for (let count = 0; ; count += 1) {
    const planned = start + (count * 1000) / perSecond
    const early = planned - performance.now()
    if (early > 0) await untilAborted(early, leave)
    if (leave.aborted) break
    underWay.push(ask(planned))
  }
  await Promise.all(underWay)
}

async function untilAborted(milliseconds: number, leave: AbortSignal): Promise<void> {
  if (milliseconds === 0) return
  await wait(milliseconds, undefined, { signal: leave }).catch(() => undefined)
}

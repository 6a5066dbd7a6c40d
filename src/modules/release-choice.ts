import type { Deployment, Release } from '../state/deployment.ts'

/** The release that visitors get. */
export function liveRelease({ current, releases }: Deployment): Release | undefined {
  return current.type === 'release' ? releases.find(({ id }) => id === current.id) : undefined
}

/** Where a rollback leads: the newest release before the live one that was live itself and with which nothing was wrong. */
export function previousRelease(deployment: Deployment): Release | undefined {
  const live = liveRelease(deployment)
  return deployment.releases.findLast(
    ({ id, state }) => state === 'retired' && (live === undefined || id < live.id),
  )
}

/** The slot whose PHP-FPM a release is linked to, e.g. "blue" for /run/php/shop-blue.sock. */
export function slotOf(release: Release | undefined, slots: readonly string[]): string | undefined {
  return slots.find((slot) => release?.socket?.endsWith(`-${slot}.sock`) === true)
}

/** The slot that may be started anew: none that serves visitors. */
export function freeSlot(deployment: Deployment, slots: readonly string[]): string | undefined {
  const live = slotOf(liveRelease(deployment), slots)
  return slots.find((slot) => slot !== live)
}

export interface Pruning {
  /** How many good releases stay; 0: all. */
  readonly keep: number
  /** Slots that run. */
  readonly running: readonly string[]
}

/**
 * What nobody needs any more. Good releases are those that were live and had nothing wrong; the newest of them stay.
 * Whatever is live, a rollback would lead to, or is loaded in a running slot stays in any case; what never was live, or was
 * put back, goes when it is none of these.
 */
export function superfluous(deployment: Deployment, { keep, running }: Pruning): Release[] {
  const needed = new Set([
    liveRelease(deployment)?.id,
    previousRelease(deployment)?.id,
    ...running.map((slot) => deployment.slots[slot]),
  ])
  const good = deployment.releases.filter(({ state }) => state === 'live' || state === 'retired')
  const kept = new Set((keep === 0 ? good : good.slice(-keep)).map(({ id }) => id))
  return deployment.releases.filter(
    ({ id, state }) => state !== 'foreign' && !needed.has(id) && !kept.has(id),
  )
}

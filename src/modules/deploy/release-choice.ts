import type { Deployment, Release } from '../../state/deployment/value.ts'

/** The release that visitors get. */
export function liveRelease({ current, releases }: Deployment): Release | undefined {
  return current.type === 'release' ? releases.find(({ id }) => id === current.id) : undefined
}

/**
 * Where a rollback leads: the newest release before the live one that was live itself and with which nothing was wrong.
 * It is not retired yet where a deploy broke off right after the switch.
 */
export function previousRelease(deployment: Deployment): Release | undefined {
  const live = liveRelease(deployment)
  return deployment.releases.findLast(
    (release) => isGood(release) && (live === undefined || release.id < live.id),
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
  /** A release that stays. */
  readonly spare?: string | undefined
  /** Slots that run. */
  readonly running: readonly string[]
}

/**
 * What nobody needs any more. Good releases are those that were live and had nothing wrong; the newest of them stay.
 * Of those that did not work, and were made after the live one, the newest stays to be looked at. Whatever is live, a
 * rollback would lead to, or is loaded in a running slot stays in any case,
 * and so does a directory that other users control.
 */
export function superfluous(deployment: Deployment, { keep, spare, running }: Pruning): Release[] {
  const live = liveRelease(deployment)
  const own = deployment.releases.filter(
    ({ state, insecure }) => state !== 'foreign' && insecure === undefined,
  )
  const good = own.filter(isGood)
  const newest = own.findLast((release) => !isGood(release) && (live === undefined || release.id > live.id))
  const kept = new Set([
    live?.id,
    previousRelease(deployment)?.id,
    newest?.id,
    spare,
    ...running.map((slot) => deployment.slots[slot]),
    ...(keep === 0 ? good : good.slice(-keep)).map(({ id }) => id),
  ])
  return own.filter(({ id }) => !kept.has(id))
}

function isGood({ state }: Release): boolean {
  return state === 'live' || state === 'retired'
}

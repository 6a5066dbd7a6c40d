import type { Deployment, Release } from '../../state/deployment/value.ts'

/** Returns the release that visitors see. */
export function liveRelease({ current, releases }: Deployment): Release | undefined {
  return current.type === 'release' ? releases.find(({ id }) => id === current.id) : undefined
}

/**
 * Returns the release to which a rollback switches: the newest one before the live release that was live and worked.
 * If a deploy was interrupted right after the switch, this release is not marked as retired yet.
 */
export function previousRelease(deployment: Deployment): Release | undefined {
  const live = liveRelease(deployment)
  return deployment.releases.findLast(
    (release) => isGood(release) && (live === undefined || release.id < live.id),
  )
}

/**
 * Returns the slot whose PHP-FPM runs a release, e.g. "blue" for /run/php/shop-blue.sock. For "dark-blue", the longer
 * name takes precedence.
 */
export function slotOf(release: Release | undefined, slots: readonly string[]): string | undefined {
  const longestFirst = slots.toSorted((one, other) => other.length - one.length)
  return longestFirst.find((slot) => release?.socket?.endsWith(`-${slot}.sock`) === true)
}

/** Returns a slot that does not serve visitors, so that it can be restarted. */
export function freeSlot(deployment: Deployment, slots: readonly string[]): string | undefined {
  const live = slotOf(liveRelease(deployment), slots)
  return slots.find((slot) => slot !== live)
}

export interface Pruning {
  /** The number of good releases to keep; 0 keeps all. */
  readonly keep: number
  /** A release to keep in any case. */
  readonly spare?: string | undefined
  /** The slots that are running. */
  readonly running: readonly string[]
}

/**
 * Returns the releases to remove. The newest good releases, which were live and worked, are kept. If releases failed
 * after the live one, the newest of them is kept for inspection. The live release, the target of a rollback, the
 * releases in running slots, and directories that other users control are always kept.
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

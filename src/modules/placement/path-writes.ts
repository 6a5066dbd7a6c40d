import type { ThingWrite } from '../../state/definition/write.ts'
import { path } from '../../state/path.ts'
import type { PathState } from '../../state/path/value.ts'

/** A path, and what is there before it is written. */
export interface WrittenPath {
  readonly path: string
  readonly state: PathState
  /** The end of a link is written, not the link. */
  readonly follow: boolean
}

/**
 * The path as it was asked for, and by its other names. Where a link goes away, what leads through it is
 * anything.
 */
export function pathWrites(place: WrittenPath, value: PathState): ThingWrite[] {
  const { state } = place
  const isLink = state.exists && state.type === 'link'
  const followsLink = isLink && place.follow
  const names = followsLink ? [value.real] : [place.path, value.real]
  return [
    ...[...new Set(names)]
      .filter((name) => name !== undefined)
      .map((name) => path.write({ path: name }, value)),
    ...(isLink && !place.follow ? [path.write({ path: place.path })] : []),
    ...(followsLink ? [path.write({ path: place.path }, { ...state, followed: value })] : []),
  ]
}

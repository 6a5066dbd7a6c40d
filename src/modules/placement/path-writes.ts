import type { ThingWrite } from '../../state/definition/write.ts'
import { path } from '../../state/path.ts'
import type { PathState } from '../../state/path/value.ts'

/** A path that is written, with its state before. */
export interface WrittenPath {
  readonly path: string
  readonly state: PathState
  /** True if the target of a symlink is written and not the symlink. */
  readonly follow: boolean
}

/**
 * Returns the writes of a path under the name in the task and under its other names. If a symlink is replaced, the
 * paths through it become unknown.
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

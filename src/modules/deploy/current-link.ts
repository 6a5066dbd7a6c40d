import { TaskFailure } from '../../errors.ts'
import type { Deployment } from '../../state/deployment/value.ts'

/** Fails if `current` is a directory: no deploy created it, and it may be the only copy of a site. */
export function demandLink({ current }: Deployment, root: string): void {
  if (current.type !== 'foreign') return
  throw new TaskFailure(`${root}/current is not a symlink to a release in ${root}/releases`, {
    hint: `move it, e.g. to ${root}/releases/by-hand, and create a symlink: ln -s releases/by-hand ${root}/current`,
  })
}

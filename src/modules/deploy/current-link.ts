import { TaskFailure } from '../../errors.ts'
import type { Deployment } from '../../state/deployment/value.ts'

/** A folder at `current` was not made by us and may be all there is of a site: it is never touched. */
export function demandLink({ current }: Deployment, root: string): void {
  if (current.type !== 'foreign') return
  throw new TaskFailure(`${root}/current is not a link to a release below ${root}/releases`, {
    hint: `move it away, e.g. into ${root}/releases/by-hand, and link it: ln -s releases/by-hand ${root}/current`,
  })
}

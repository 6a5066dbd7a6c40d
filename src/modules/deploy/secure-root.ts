import { TaskFailure } from '../../errors.ts'
import type { Deployment, Release } from '../../state/deployment/value.ts'

/**
 * Fails if other users can change the directories of a deployment. Deploys write to them as root and by plain paths, so
 * another user could redirect a write with a symlink. Every module that writes to them must call this function.
 */
export function demandSecure({ insecure = [] }: Deployment): void {
  const [place] = insecure
  if (place === undefined) return
  throw new TaskFailure(
    `cannot deploy to insecure directories: ${insecure.map(({ path, reason }) => `${path} ${reason}`).join('; ')}`,
    {
      hint: `check their contents, then make them belong to root and writable by root only, as playbooks/site.yml does: chown -h root:root ${place.path}; chmod go-w ${place.path}. Replace a symlink with its target or with a bind mount`,
    },
  )
}

/** Fails if other users can change the directory of a release. */
export function demandSecureRelease({ id, insecure }: Release, root: string): void {
  if (insecure === undefined) return
  throw new TaskFailure(
    `${root}/releases/${id} ${insecure}: only a release that belongs to root can be live`,
    {
      hint: `deploy its commit again, or check its contents and change their owner: chown -hR root:root ${root}/releases/${id}`,
    },
  )
}

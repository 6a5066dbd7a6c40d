import { TaskFailure } from '../errors.ts'
import type { Deployment, Release } from '../state/deployment.ts'

/** Deploys write in these directories as root. Whoever else controls one of them could lead those writes anywhere. */
export function demandSecure({ insecure = [] }: Deployment): void {
  const [place] = insecure
  if (place === undefined) return
  throw new TaskFailure(
    `not secure enough to deploy to: ${insecure.map(({ path, reason }) => `${path} ${reason}`).join('; ')}`,
    {
      hint: `make these belong to root and writable by root only, as playbooks/site.yml does, after a look at what is in them: chown -h root:root ${place.path}; chmod go-w ${place.path}. Replace a symlink with what it leads to, or with a bind mount`,
    },
  )
}

/** The same of the directory of one release. */
export function demandSecureRelease({ id, insecure }: Release, root: string): void {
  if (insecure === undefined) return
  throw new TaskFailure(`${root}/releases/${id} ${insecure}: a release that is not root's is never shown`, {
    hint: `deploy its commit again, or make all of it root's after a look: chown -hR root:root ${root}/releases/${id}`,
  })
}

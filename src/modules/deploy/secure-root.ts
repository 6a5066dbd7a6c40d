import { TaskFailure } from '../../errors.ts'
import type { Deployment, Release } from '../../state/deployment/value.ts'

/**
 * Deploys write to these directories as root, by their plain names: files cannot be redirected by a symlink because no other
 * user can change a name in there. This check is what makes that true, so every step that writes makes it.
 */
export function demandSecure({ insecure = [] }: Deployment): void {
  const [place] = insecure
  if (place === undefined) return
  throw new TaskFailure(
    `not secure enough to deploy to: ${insecure.map(({ path, reason }) => `${path} ${reason}`).join('; ')}`,
    {
      hint: `make these belong to root and writable by root only, as playbooks/site.yml does, after you have checked their contents: chown -h root:root ${place.path}; chmod go-w ${place.path}. Replace a symlink with what it leads to, or with a bind mount`,
    },
  )
}

/** The same of the directory of one release. */
export function demandSecureRelease({ id, insecure }: Release, root: string): void {
  if (insecure === undefined) return
  throw new TaskFailure(
    `${root}/releases/${id} ${insecure}: visitors are only shown releases that belong to root`,
    {
      hint: `deploy its commit again, or check its contents and make them root's: chown -hR root:root ${root}/releases/${id}`,
    },
  )
}

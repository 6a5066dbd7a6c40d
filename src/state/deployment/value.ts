import type { InsecurePlace } from './insecure-places.ts'

export interface DeploymentQuestion {
  /** The directory of the application, such as /srv/shop. */
  readonly root: string
}

/** The releases of an application on a host. */
export interface Deployment {
  /** The state of `current`: absent, a symlink to a release, or foreign. */
  readonly current: CurrentLink
  /** The release that is being checked, or was checked last. */
  readonly candidate?: string
  /** The releases in the order of their ids, which is the order of creation. */
  readonly releases: readonly Release[]
  /** The names of the directories of releases whose creation was interrupted. */
  readonly unfinished: readonly string[]
  /** By slot, the release with which it was last started. */
  readonly slots: Readonly<Record<string, string>>
  readonly maintenance: boolean
  /** The uid of the acting user, unless it is root. */
  readonly user?: number
  /** The paths of the deploy that other users can change. If there are any, no files are read. */
  readonly insecure?: readonly InsecurePlace[]
}

export type CurrentLink =
  | { readonly type: 'absent' }
  | { readonly type: 'release'; readonly id: string }
  | { readonly type: 'foreign' }

/**
 * ready: unpacked, never live. live: checked and served. retired: was live until the next release.
 * bad: was live and rolled back. failed: never became live. foreign: not created by a deploy.
 */
export type ReleaseState = 'ready' | 'live' | 'retired' | 'bad' | 'failed' | 'foreign'

export interface Release {
  readonly id: string
  readonly state: ReleaseState
  /** The time of the change to this state, in ISO 8601. */
  readonly since?: string
  /** The content of release.json: reference, revision, by, created, configuration and additions of a playbook. */
  readonly information: Readonly<Record<string, unknown>>
  /** The socket of its PHP-FPM: the target of the symlink fpm.sock. */
  readonly socket?: string
  /** The reason why other users can change its directory, such as "belongs to shop"; then no files in it are read. */
  readonly insecure?: string
}

import type { InsecurePlace } from './insecure-places.ts'

export interface DeploymentQuestion {
  /** The folder of the application, e.g. /srv/shop. */
  readonly root: string
}

/** The releases of an application on a host. */
export interface Deployment {
  /** What stands at `current`: nothing, a link to a release, or something that is none of ours. */
  readonly current: CurrentLink
  /** The release that is being proved, or was last. */
  readonly candidate?: string
  /** In the order of their ids, which is that of their making. */
  readonly releases: readonly Release[]
  /** Names of folders in which a release was being made when something broke off. */
  readonly unfinished: readonly string[]
  /** The release that each slot was last started with, by the name of the slot. */
  readonly slots: Readonly<Record<string, string>>
  readonly maintenance: boolean
  /** The number of the acting user, where that is not root. */
  readonly user?: number
  /** What other users can change of the directories that deploys write to. Nothing is read there then. */
  readonly insecure?: readonly InsecurePlace[]
}

export type CurrentLink =
  | { readonly type: 'absent' }
  | { readonly type: 'release'; readonly id: string }
  | { readonly type: 'foreign' }

/**
 * ready: unpacked, never live. live: proved and served. retired: was live, and nothing was wrong with it.
 * bad: was live and put back. failed: never got there. foreign: not made by a deploy.
 */
export type ReleaseState = 'ready' | 'live' | 'retired' | 'bad' | 'failed' | 'foreign'

export interface Release {
  readonly id: string
  readonly state: ReleaseState
  /** When it came into this state, ISO 8601. */
  readonly since?: string
  /** What its release.json says: reference, revision, by, created, configuration and whatever a playbook adds. */
  readonly information: Readonly<Record<string, unknown>>
  /** Where its PHP-FPM listens: what its link fpm.sock leads to. */
  readonly socket?: string
  /** Why other users can change its directory, e.g. "belongs to shop". Nothing is read in there then. */
  readonly insecure?: string
}

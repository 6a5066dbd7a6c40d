import { sh } from '../target/sh.ts'
import { defineKind } from './definition/key.ts'
import { parseDeployments } from './deployment/answer.ts'
import { defineInspect, type InsecurePlace } from './deployment/insecure-places.ts'
import { deploymentTouchedBy, possibleDeployments } from './deployment/touched.ts'

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

export const deployment = defineKind<DeploymentQuestion, Deployment>({
  name: 'deployment',
  subject: ({ root }) => root,
  read: (questions) => sh`
    say() { printf '%s\\0' "$@"; }
    link() {
      if [ -h "$1" ]; then say "l$(readlink "$1")"
      elif [ -e "$1" ]; then say o
      else say -
      fi
    }
    ${defineInspect}
    # a crash may leave zeros in a file
    content() {
      if [ -f "$1" ] && [ ! -h "$1" ]; then tr -d '\\000' <"$1"; fi
      printf '\\0'
    }
    nothing() { printf '\\0'; }
    newline=$(printf '\\n.')
    newline=\${newline%.}
    set -- ${questions.map(({ root }) => root)}
    for root; do
      found=$(inspect "$root" "$root" "$root/releases" "$root"/releases/* "$root/shared" "$root/deploy" "$root"/deploy/* "$root"/deploy/*/*)
      say "$found"
      note=nothing
      case $found in *insecure) ;; *) note=content ;; esac
      link "$root/current"
      link "$root/candidate"
      if [ -e "$root/deploy/maintenance" ]; then say y; else say n; fi
      for slot in "$root/deploy"/slots/*; do
        if [ -f "$slot" ]; then say "s\${slot##*/}"; $note "$slot"; fi
      done
      for release in "$root"/releases/*; do
        if [ -d "$release" ]; then
          id=\${release##*/}
          say "r$id"
          $note "$root/deploy/states/$id"
          link "$release/fpm.sock"
          information=$note
          # of a name with several lines, the inspection has only the first one
          case $id in *"$newline"*) information=nothing ;; esac
          case $found in *":$release/"*) information=nothing ;; esac
          $information "$release/release.json"
        fi
      done
      say .
    done
  `,
  parse: parseDeployments,
  touchedBy: deploymentTouchedBy,
  possibleAfter: possibleDeployments,
})

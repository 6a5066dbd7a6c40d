import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { parseDeployments } from './deployment/answer.ts'
import { defineInspect } from './deployment/insecure-places.ts'
import { deploymentDependencies, possibleDeployments } from './deployment/touched.ts'
import type { Deployment, DeploymentQuestion } from './deployment/value.ts'

/** The maximum bytes of a file about a release. */
const longestNote = 256 * 1024

declare module './definition/write.ts' {
  interface KindValues {
    deployment: Deployment
  }
}

export const deployment = defineKind<'deployment', DeploymentQuestion>({
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
      if [ -f "$1" ] && [ ! -h "$1" ]; then head -c ${longestNote} "$1" | tr -d '\\000'; fi
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
          # the inspection contains only the first line of a name
          case $id in *"$newline"*) information=nothing ;; esac
          case $found in *":$release/"*) information=nothing ;; esac
          $information "$release/release.json"
        fi
      done
      say .
    done
  `,
  parse: parseDeployments,
  livesIn: (root) => ['current', 'candidate', 'releases', 'deploy'].map((name) => `${root}/${name}`),
  dependsOn: deploymentDependencies,
  possibleAfter: possibleDeployments,
})

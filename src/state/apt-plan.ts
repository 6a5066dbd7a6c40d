import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { readOnlyApt } from './package/read-only-apt.ts'
import { lines } from './parse/sections.ts'

export interface AptPlanQuestion {
  readonly action: 'upgrade' | 'full-upgrade' | 'autoremove' | 'fix'
}

declare module './definition/write.ts' {
  interface KindValues {
    'apt-plan': readonly string[]
  }
}

/** The changes that apt plans for all packages of the host, such as "install curl 7.88.1-10" or "remove libfoo". */
export const aptPlan = defineKind<'apt-plan', AptPlanQuestion>({
  name: 'apt-plan',
  subject: ({ action }) => action,
  read: (questions) => sh`
    ${readOnlyApt}
    for action in ${questions.map(({ action }) => action)} ''; do
      echo "== $action"
      case $action in
        upgrade) read_only_apt apt-get -s -q upgrade --with-new-pkgs || exit ;;
        full-upgrade) read_only_apt apt-get -s -q dist-upgrade || exit ;;
        autoremove) read_only_apt apt-get -s -q autoremove || exit ;;
        fix) read_only_apt apt-get -s -q --fix-broken install || exit ;;
      esac
    done
  `,
  parse(output, questions) {
    const blocks = output.split(/^== .*\n/m).slice(1)
    if (blocks.length !== questions.length + 1)
      throw new Error(`apt-get planned ${blocks.length - 1} actions, not ${questions.length}`)
    return questions.map((_question, index) => lines(blocks[index] ?? '').flatMap(actionOf))
  },
  dependsOn: {
    scopes: ['packages', 'anything'],
    paths: () => ['/var/lib/dpkg', '/etc/apt', '/var/lib/apt'],
    kinds: { package: true, 'package-lists': true },
  },
})

/** Parses "Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.11/stable [amd64])" or "Remv libfoo [1.0]". */
function actionOf(line: string): string[] {
  const [, verb, name, version] = /^(Inst|Remv) (\S+)(?:.*? \((\S+))?/.exec(line) ?? []
  if (name === undefined) return []
  return [verb === 'Remv' ? `remove ${name}` : `install ${name} ${version ?? ''}`.trim()]
}

import { sh, type Script } from '../target/sh.ts'
import { readOnlyApt } from './apt-cache.ts'
import { defineKind } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'
import { packageAnswers } from './package/answers.ts'
import type { PackageQuestion, PackageValue } from './package/value.ts'
import { sections } from './parse/sections.ts'

const packageName = /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/

export function isPackageName(name: string): boolean {
  return packageName.test(name) && !name.endsWith('-')
}

export const packageKind = defineKind<PackageQuestion, PackageValue>({
  name: 'package',
  subject: ({ name }) => name,
  read: readPackages,
  parse(output, questions) {
    const found = sections(output, ['journal', 'packages', 'policy'])
    return packageAnswers(
      found,
      questions.map(({ name }) => name),
    )
  },
  touchedBy(question, write, { installed, interrupted }) {
    const versionMatters = question.version !== undefined || interrupted !== undefined
    // an installation never removes another package: apt-get runs with --no-remove, or says so with a write
    if (write.type === 'scope')
      return write.scope === 'anything' || (write.scope === 'packages' && (!installed || versionMatters))
    if (write.kind === 'package') return (write.value as PackageValue | undefined)?.installed !== true
    if (question.version !== 'candidate') return writesPath(write, ['/var/lib/dpkg'])
    return write.kind === 'apt-lists' || writesPath(write, ['/var/lib/dpkg', '/etc/apt', '/var/lib/apt'])
  },
})

function readPackages(questions: readonly PackageQuestion[]): Script {
  const names = [...new Set(questions.map(({ name }) => name))]
  const wrong = names.find((name) => !isPackageName(name))
  if (wrong !== undefined) throw new Error(`not the name of a package: ${wrong}`)
  const withCandidate = questions.filter(({ version }) => version === 'candidate').map(({ name }) => name)
  const bare = ['dpkg', ...names.map((name) => name.replace(/:.*/, ''))].map((name) =>
    name.replaceAll(/[.+]/g, '\\$&'),
  )
  return sh`
    if ! command -v dpkg-query >/dev/null; then
      echo 'this host has no dpkg: packages are managed on Debian and what is made from it' >&2
      exit 1
    fi
    ${readOnlyApt}
    tab='	'
    before=" $tab"
    end='
    '
    after=" ,($end"
    echo '== journal'
    for entry in /var/lib/dpkg/updates/[0-9]*; do [ ! -e "$entry" ] || echo "$entry"; done
    echo '== packages'
    found=$(
      dpkg-query -W -f='\${db:Status-Abbrev}\\t\${Package}\\t\${Architecture}\\t\${Version}\\t\${Provides}\\n' |
        grep -E ${`^.[HUFWt]|^..R|[[:space:]](${bare.join('|')})([^a-z0-9+.-]|$)`}
    )
    printf '%s\\n' "$found"
    echo '== policy'
    set -- ${names}
    for name; do
      shift
      case "$end$found$end" in
        *"i $tab\${name%%:*}$tab"*) ;;
        *["$before"]\${name%%:*}["$after"]*) set -- "$@" "$name" ;;
      esac
    done
    set -- "$@" ${withCandidate}
    if [ $# -gt 0 ]; then read_only_apt apt-cache policy "$@"; fi
  `
}

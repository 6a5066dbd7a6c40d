import { sh, type Script } from '../target/sh.ts'
import { readOnlyApt } from './apt-cache.ts'
import { defineKind } from './definition/key.ts'
import { writesPath } from './definition/writes-path.ts'
import { packageAnswers } from './package/answers.ts'
import { sections } from './parse/sections.ts'

export interface PackageQuestion {
  /** e.g. "nginx" or "libc6:i386" */
  readonly name: string
  /** Which versions matter: the installed one, or also the one that would be installed now. */
  readonly version?: 'installed' | 'candidate'
}

export interface PackageValue {
  readonly installed: boolean
  /** The installed version; missing when it is only predicted. */
  readonly version?: string
  /** Removed, but its configuration files are still there. */
  readonly residual?: true
  /** `apt-mark hold` keeps it as it is. */
  readonly held?: true
  /** It is no package of its own, but these installed ones provide it. */
  readonly providedBy?: readonly string[]
  /** The version that would be installed now; missing when nobody offers it or nobody asked. */
  readonly candidate?: string
  /** Packages, not only this one, whose installation was interrupted; `dpkg` alone when only its journal says so. */
  readonly interrupted?: readonly string[]
}

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

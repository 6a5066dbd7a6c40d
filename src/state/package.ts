import { sh, type Script } from '../target/sh.ts'
import { readOnlyApt } from './apt-cache.ts'
import { defineKind } from './key.ts'
import { sections } from './sections.ts'
import { writesPath } from './writes-path.ts'

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
    const packages = found.packages.map(packageOf)
    const architecture = packages.find((one) => one.name === 'dpkg')?.architecture ?? 'all'
    const candidates = candidatesOf(found.policy)
    const interrupted = packages
      .filter((one) => /[HUFWt]/.test(one.status) || one.broken)
      .map((one) => one.name)
    if (found.journal.length > 0 && interrupted.length === 0) interrupted.push('dpkg')
    return questions.map(({ name }) => ({
      ...answer(name, packages, candidates, architecture),
      ...(interrupted.length === 0 ? {} : { interrupted }),
    }))
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

interface Package {
  readonly desired: string
  readonly status: string
  readonly broken: boolean
  readonly name: string
  readonly architecture: string
  readonly version: string
  readonly provides: readonly string[]
}

function packageOf(line: string): Package {
  const [state = '', name = '', architecture = '', version = '', provides = '', ...more] = line.split('\t')
  if (!/^[uihrp][ncHUFWti][ R]$/.test(state) || name === '' || more.length > 0)
    throw new Error(`dpkg-query said what is not understood: ${line}`)
  return {
    desired: state.charAt(0),
    status: state.charAt(1),
    broken: state.endsWith('R'),
    name,
    architecture,
    version,
    provides: provides.split(',').map((entry) => entry.trim().replace(/[ (:].*/, '')),
  }
}

function answer(
  asked: string,
  packages: readonly Package[],
  candidates: ReadonlyMap<string, string | undefined>,
  native: string,
): PackageValue {
  const [name = '', wanted = native] = asked.split(':')
  const own = packages.find(
    (one) => one.name === name && [wanted, ...(wanted === native ? ['all'] : [])].includes(one.architecture),
  )
  const candidate = candidates.get(asked)
  const offered = candidate === undefined ? {} : { candidate }
  if (own?.status === 'i' && !own.broken)
    return {
      installed: true,
      version: own.version,
      ...(own.desired === 'h' ? { held: true } : {}),
      ...offered,
    }
  const providedBy = packages
    .filter((one) => one.status === 'i' && one.provides.includes(name))
    .map((one) => one.name)
  if (candidate === undefined && candidates.has(asked) && providedBy.length > 0)
    return { installed: true, providedBy }
  return { installed: false, ...(own?.status === 'c' ? { residual: true } : {}), ...offered }
}

/** Of every name that apt knows; none for a name that is only provided by others. */
function candidatesOf(policy: readonly string[]): Map<string, string | undefined> {
  const candidates = new Map<string, string | undefined>()
  let name: string | undefined
  for (const line of policy) {
    const heading = /^(\S+):$/.exec(line)?.[1]
    const candidate = /^ {2}Candidate: (\S+)$/.exec(line)?.[1]
    if (heading !== undefined) candidates.set((name = heading), undefined)
    else if (candidate !== undefined && candidate !== '(none)' && name !== undefined)
      candidates.set(name, candidate)
  }
  return candidates
}

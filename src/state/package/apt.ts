import { sh, type Script } from '../../target/sh.ts'
import { readOnlyApt } from './read-only-apt.ts'
import type { PackageQuestion, PackageValue } from './value.ts'

const debianName = /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/

/** Returns whether the name is valid in Debian, with or without an architecture. A final `-` makes apt remove it. */
export function isDebianName(name: string): boolean {
  return debianName.test(name) && !name.endsWith('-')
}

/** Returns a script that asks dpkg about packages and apt about candidates. Omits invalid names. */
export function readApt(questions: readonly PackageQuestion[]): Script {
  const valid = questions.filter(({ name }) => isDebianName(name))
  const names = [...new Set(valid.map(({ name }) => name))]
  const withCandidate = valid.filter(({ version }) => version === 'candidate').map(({ name }) => name)
  const bare = ['dpkg', ...names.map((name) => name.replace(/:.*/, ''))].map((name) =>
    name.replaceAll(/[.+]/g, '\\$&'),
  )
  return sh`
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

/** Combines dpkg's journal and packages and apt's policy into the answers for these names. */
export function aptAnswers(
  found: Readonly<Record<'journal' | 'packages' | 'policy', readonly string[]>>,
  names: readonly string[],
): readonly PackageValue[] {
  const packages = found.packages.map(packageOf)
  const architecture = packages.find((one) => one.name === 'dpkg')?.architecture ?? 'all'
  const candidates = candidatesOf(found.policy)
  const interrupted = packages
    .filter((one) => /[HUFWt]/.test(one.status) || one.broken)
    .map((one) => one.name)
  if (found.journal.length > 0 && interrupted.length === 0) interrupted.push('dpkg')
  return names.map((name) => ({
    manager: 'apt',
    ...(isDebianName(name)
      ? answer(name, packages, candidates, architecture)
      : { installed: false, invalidName: true }),
    ...(interrupted.length === 0 ? {} : { interrupted }),
  }))
}

function packageOf(line: string): Package {
  const [state = '', name = '', architecture = '', version = '', provides = '', ...more] = line.split('\t')
  if (!/^[uihrp][ncHUFWti][ R]$/.test(state) || name === '' || more.length > 0)
    throw new Error(`unexpected output of dpkg-query: ${line}`)
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
): Omit<PackageValue, 'manager'> {
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

/** Parses the candidates of all names that apt knows; undefined for a virtual package. */
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

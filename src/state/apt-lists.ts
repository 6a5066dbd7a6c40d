import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'

/** When apt last fetched the lists of packages. */
export interface AptListsValue {
  /** Seconds; missing: there are none yet. */
  readonly age?: number
  /** The sources have changed since. */
  readonly outdated?: true
}

declare module './definition/write.ts' {
  interface KindValues {
    'apt-lists': AptListsValue
  }
}

/** There is one set of lists on a host. */
export const aptLists = defineKind<'apt-lists', Record<string, never>>({
  name: 'apt-lists',
  subject: () => '/var/lib/apt/lists',
  read: () => sh`
    for list in /var/lib/apt/lists/*Release; do
      if [ -e "$list" ]; then
        for stamp in /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp; do
          if [ -e "$stamp" ]; then echo "updated $(stat -c %Y "$stamp")"; fi
        done
        find /etc/apt/sources.list /etc/apt/sources.list.d -newer /var/lib/apt/lists 2>/dev/null | sed 's/.*/outdated/' || :
        break
      fi
    done
    echo "now $(date +%s)"
  `,
  parse(output, questions) {
    const now = Number(/^now (\d+)$/m.exec(output)?.[1])
    if (Number.isNaN(now)) throw new Error(`the age of apt's lists is not understood: ${output}`)
    const updates = [...output.matchAll(/^updated (\d+)$/gm)].map((match) => Number(match[1]))
    const age =
      updates.length === 0
        ? {}
        : { age: Math.max(0, now - updates.reduce((newest, time) => Math.max(newest, time))) }
    const value = { ...age, ...(/^outdated$/m.test(output) ? { outdated: true as const } : {}) }
    return questions.map(() => value)
  },
  livesIn: () => ['/var/lib/apt', '/var/cache/apt'],
  dependsOn: { scopes: ['anything'], paths: () => ['/var/lib/apt', '/etc/apt'] },
})

/**
 * Defines the function `read_only_apt`, which runs one of apt's programs. As root, they write their binary caches anew
 * when they are out of date: this one may use what was made for these lists, and keeps in memory what it makes itself.
 */
export const readOnlyApt = sh`
  read_only_apt() {
    program=$1
    shift
    made=/var/cache/apt/srcpkgcache.bin
    if [ -e "$made" ] && [ -z "$(find /var/lib/apt/lists -prune -newer "$made"; find /etc/apt -newer "$made")" ]
    then "$program" -o Dir::Cache::pkgcache= "$@"
    else "$program" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
    fi
  }
`

import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'

/** The age of apt's package lists. */
export interface PackageListsValue {
  /** The age in seconds; missing if there are no lists yet. */
  readonly age?: number
  /** True if the sources have changed since. */
  readonly outdated?: true
}

declare module './definition/write.ts' {
  interface KindValues {
    'package-lists': PackageListsValue
  }
}

/** A host has one set of lists. */
export const packageLists = defineKind<'package-lists', Record<string, never>>({
  name: 'package-lists',
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
    if (Number.isNaN(now)) throw new Error(`unexpected output about the age of apt's lists: ${output}`)
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

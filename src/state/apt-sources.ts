import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

/** The lines of all source files of apt. */
export type AptSources = Readonly<Record<string, readonly string[]>>

declare module './definition/write.ts' {
  interface KindValues {
    'apt-sources': AptSources
  }
}

/** A host has one set of sources. */
export const aptSources = defineKind<'apt-sources', Record<string, never>>({
  name: 'apt-sources',
  subject: () => '/etc/apt',
  read: () => sh`
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
      if [ -f "$file" ]; then
        printf '== %s\\n' "$file"
        sed 's/^/|/' "$file" || exit
      fi
    done
  `,
  parse(output, questions) {
    const files: Record<string, string[]> = {}
    let file: string | undefined
    for (const line of lines(output)) {
      if (line.startsWith('== ')) files[(file = line.slice(3))] = []
      else if (file !== undefined && line.startsWith('|')) files[file]?.push(line.slice(1))
      else throw new Error(`unexpected line of apt sources: ${line}`)
    }
    return questions.map(() => files)
  },
  livesIn: () => ['/etc/apt'],
  dependsOn: {
    scopes: ['packages', 'anything'],
    paths: () => ['/etc/apt/sources.list', '/etc/apt/sources.list.d'],
  },
})

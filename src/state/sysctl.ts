import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

export interface SysctlQuestion {
  /** The name, such as "net.ipv4.ip_forward". */
  readonly name: string
  /** The file that sets it at boot. */
  readonly file: string
}

export interface SysctlValue {
  /** The current value, with single spaces; missing if the kernel has no such setting. */
  readonly live?: string
  /** True if the setting can be changed; in a container, some cannot. */
  readonly writable: boolean
  /** The value in the file, from the last line for it; missing if there is none. */
  readonly kept?: string
}

/** Normalizes white space like the kernel. */
export function normalizeValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ')
}

/** Returns the file of a setting in /proc/sys. A slash in its name means a dot, as in names of interfaces. */
export function sysctlPath(name: string): string {
  const swapped = name.replaceAll(/[./]/g, (character) => (character === '.' ? '/' : '.'))
  return `/proc/sys/${swapped}`
}

declare module './definition/write.ts' {
  interface KindValues {
    sysctl: SysctlValue
  }
}

export const sysctl = defineKind<'sysctl', SysctlQuestion>({
  name: 'sysctl',
  subject: ({ name, file }) => `${name} in ${file}`,
  read: (questions) => sh`
    set -- ${questions.flatMap(({ name, file }) => [sysctlPath(name), pattern(name), file])}
    while [ $# -gt 0 ]; do
      echo '=='
      # read in the shell would fail: it reads byte by byte, and these files return only the first byte
      if [ -r "$1" ]; then sed 's/^/live /' "$1" || exit; fi
      if [ -w "$1" ]; then echo writable; fi
      if [ -f "$3" ]; then grep -E "$2" "$3" | sed 's/^/kept /' || :; fi
      shift 3
    done
  `,
  parse(output, questions) {
    const blocks = output.split(/^==\n/m).slice(1).map(lines)
    if (blocks.length !== questions.length)
      throw new Error(`${blocks.length} settings were read, not ${questions.length}`)
    return blocks.map((block) => {
      const after = (word: string): string[] =>
        block.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
      const live = after('live')
      const kept = after('kept')
        .at(-1)
        ?.replace(/^[^=]*=/, '')
      return {
        writable: block.includes('writable'),
        ...(live.length === 0 ? {} : { live: normalizeValue(live.join(' ')) }),
        ...(kept === undefined ? {} : { kept: normalizeValue(kept) }),
      }
    })
  },
  livesIn: (subject) => [subject.replace(/^.* in /, ''), '/proc/sys'],
  dependsOn: {
    scopes: ['packages', 'anything'],
    paths: ({ name, file }) => [file, sysctlPath(name)],
    kinds: { sysctl: ({ subject }, { name }) => subject.startsWith(`${name} in `) },
  },
  // Packages add files of their own, which take effect at the next boot.
  possibleAfter: (_question, write, answer) =>
    write.type === 'scope' && write.scope === 'packages' ? [answer] : undefined,
})

/** Matches the lines of a file that give this setting a value, in either notation; a leading - ignores errors. */
export function pattern(name: string): string {
  const escaped = name.replaceAll(/[.*+?^\${}()|[\]\\]/g, (character) =>
    character === '.' ? '[./]' : `\\${character}`,
  )
  return `^[[:space:]]*-?[[:space:]]*${escaped}[[:space:]]*=`
}

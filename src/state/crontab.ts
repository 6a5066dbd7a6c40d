import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { lines } from './parse/sections.ts'

/** The crontab of a user, by default of the user who runs the task, or a file that cron reads. */
export type CrontabQuestion = { readonly user?: string } | { readonly file: string }

export interface CrontabValue {
  /** True if crontab(1) is installed or, for a file, its directory exists. */
  readonly writable: boolean
  readonly exists: boolean
  /** The content without the final newline. */
  readonly content: string
  /** The digest of the file, or of the output of `crontab -l`, if it exists. */
  readonly sha256?: string
}

declare module './definition/write.ts' {
  interface KindValues {
    crontab: CrontabValue
  }
}

export const crontab = defineKind<'crontab', CrontabQuestion>({
  name: 'crontab',
  subject: (question) => ('file' in question ? question.file : (question.user ?? '')),
  read: (questions) => sh`
    set -- ${questions.flatMap((question) => ('file' in question ? ['file', question.file] : ['user', question.user ?? '']))}
    while [ $# -gt 0 ]; do
      echo '=='
      case $1 in
        file)
          if [ -f "$2" ]; then
            printf 'exists %s\\n' "$(sha256sum <"$2")"
            sed 's/^/|/' "$2" || exit
          elif [ ! -d "$(dirname -- "$2")" ]; then echo 'no cron'
          fi ;;
        user)
          if ! command -v crontab >/dev/null; then echo 'no cron'
          elif table=$(crontab -l \${2:+-u "$2"} 2>/dev/null); then
            printf 'exists %s\\n' "$(printf '%s\\n' "$table" | sha256sum)"
            printf '%s\\n' "$table" | sed 's/^/|/'
          fi ;;
      esac
      shift 2
    done
  `,
  parse(output, questions) {
    const blocks = output.split(/^==\n/m).slice(1).map(lines)
    if (blocks.length !== questions.length)
      throw new Error(`${blocks.length} crontabs were read, not ${questions.length}`)
    return blocks.map(([state = '', ...content]) => {
      const sha256 = /^exists ([0-9a-f]{64})\b/.exec(state)?.[1]
      return {
        writable: state !== 'no cron',
        exists: state.startsWith('exists'),
        content: content.map((line) => line.slice(1)).join('\n'),
        ...(sha256 === undefined ? {} : { sha256 }),
      }
    })
  },
  livesIn: () => ['/etc/cron.d', '/etc/crontab', '/var/spool/cron'],
  dependsOn: {
    scopes: (scope, question, { writable }) =>
      scope === 'anything' || (scope === 'packages' && ('file' in question || !writable)),
    paths: (question) => ('file' in question ? [question.file] : ['/var/spool/cron', '/usr/bin/crontab']),
    kinds: {
      user: ({ subject }, question, { exists }) => 'user' in question && question.user === subject && !exists,
      package: (_write, question) => !('file' in question),
    },
  },
  // Packages keep existing files in /etc, and the content of new ones is unknown here.
  possibleAfter(question, write, answer) {
    if (write.type === 'thing' || write.scope !== 'packages' || !('file' in question)) return undefined
    return answer.exists ? [answer] : [answer, { writable: true, exists: true, content: '' }]
  },
})

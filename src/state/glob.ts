import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { yesNoAnswers } from './parse/yes-no.ts'

/** An absolute path with the shell wildcards `*`, `?` and `[…]`. */
export interface GlobQuestion {
  readonly pattern: string
}

declare module './definition/write.ts' {
  interface KindValues {
    glob: boolean
  }
}

/** The answer whether at least one path matches. */
export const glob = defineKind<'glob', GlobQuestion>({
  name: 'glob',
  subject: ({ pattern }) => pattern,
  read: (questions) => sh`
    # an empty IFS keeps a pattern with spaces one word
    IFS=
    set -- ${questions.map(({ pattern }) => pattern)}
    for pattern; do
      found=no
      for path in $pattern; do
        if [ -e "$path" ] || [ -L "$path" ]; then found=yes; break; fi
      done
      echo "$found"
    done
  `,
  parse: yesNoAnswers,
  dependsOn: {
    scopes: ['packages', 'services', 'anything'],
    kinds: { path: ({ subject }, { pattern }) => mayMatch(pattern, subject) },
    others: true,
  },
})

export function isPattern(text: string): boolean {
  return /[*?[]/.test(text)
}

function mayMatch(pattern: string, path: string): boolean {
  const start = pattern.slice(0, pattern.search(/[*?[]/))
  return path.startsWith(start) || start.startsWith(`${path}/`)
}

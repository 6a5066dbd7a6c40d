import { sh } from '../target/sh.ts'
import { defineKind, type Write } from './definition/key.ts'
import { yesNoAnswers } from './parse/yes-no.ts'

/** A pattern of paths from the root, as the shell understands `*`, `?` and `[…]`. */
export interface GlobQuestion {
  readonly pattern: string
}

/** Whether at least one path matches. */
export const glob = defineKind<GlobQuestion, boolean>({
  name: 'glob',
  subject: ({ pattern }) => pattern,
  read: (questions) => sh`
    # without a separator a pattern stays one word, spaces and all
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
  touchedBy: ({ pattern }, write) => mayMatch(pattern, write),
})

export function isPattern(text: string): boolean {
  return /[*?[]/.test(text)
}

function mayMatch(pattern: string, write: Write): boolean {
  if (write.type === 'scope' || write.kind !== 'path') return true
  const start = pattern.slice(0, pattern.search(/[*?[]/))
  return write.subject.startsWith(start) || start.startsWith(`${write.subject}/`)
}

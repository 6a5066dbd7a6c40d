import { attach, joinScripts, sh, type Script } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { yesNoAnswers } from './parse/yes-no.ts'

export interface MatchQuestion {
  readonly path: string
  /** A POSIX extended regular expression for one line. */
  readonly pattern: string
}

/**
 * Returns a shell condition. A FIFO or a device never matches, because grep would block or fill the memory. The pattern
 * may be a secret, so it is not an argument, which every user of the host could read.
 */
export function hasMatch({ path, pattern }: MatchQuestion, index = 0): Script {
  return sh`{ [ -f ${path} ] && grep -Eqs -f ${attach(`pattern-${index}`, `${pattern}\n`)} -- ${path}; }`
}

declare module './definition/write.ts' {
  interface KindValues {
    'line-match': boolean
  }
}

/** The answer whether a line of a file matches; false if the file does not exist. */
export const match = defineKind<'line-match', MatchQuestion>({
  name: 'line-match',
  subject: ({ path }) => path,
  read: (questions) =>
    joinScripts(
      questions.map(
        (question, index) => sh`if ${hasMatch(question, index)}; then echo yes; else echo no; fi`,
      ),
    ),
  parse: yesNoAnswers,
  dependsOn: {
    scopes: ['packages', 'services', 'anything'],
    paths: ({ path }) => [path],
    others: true,
  },
})

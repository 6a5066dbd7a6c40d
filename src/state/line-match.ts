import { attach, joinScripts, sh, type Script } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { yesNoAnswers } from './parse/yes-no.ts'

export interface MatchQuestion {
  readonly path: string
  /** An extended regular expression of POSIX, for one line. */
  readonly pattern: string
}

/**
 * A condition of the shell. A FIFO or a device never matches: grep would wait, or fill the memory. The pattern may be a
 * secret: it is no argument, which every user of the host could read.
 */
export function hasMatch({ path, pattern }: MatchQuestion, index = 0): Script {
  return sh`{ [ -f ${path} ] && grep -Eqs -f ${attach(`pattern-${index}`, `${pattern}\n`)} -- ${path}; }`
}

declare module './definition/write.ts' {
  interface KindValues {
    'line-match': boolean
  }
}

/** Whether a line of a file matches; where there is no such file, none does. */
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

import * as z from 'zod'

import { reasonOf } from '../errors.ts'
import { sh } from '../target/sh.ts'
import { joinWords, splitWords } from '../text/shell-words.ts'
import {
  circumstances,
  commandChanges,
  commandResult,
  commandStep,
  readCircumstances,
  resolveCircumstances,
  type Circumstances,
  commandSentences,
} from './command/options.ts'
import { defineModule } from './definition/module.ts'
import { textParam } from './definition/parameters.ts'

interface CommandParams extends Circumstances {
  readonly words: readonly string[]
}

const params = z
  .strictObject({ cmd: textParam.optional(), argv: z.array(textParam).optional(), ...circumstances })
  .transform(({ cmd, argv, ...given }, context): CommandParams => {
    const words = wordsOf(cmd, argv)
    if (typeof words !== 'string') return { ...resolveCircumstances(given, context), words }
    context.addIssue({ code: 'custom', message: words })
    return z.NEVER
  })

function wordsOf(cmd: string | undefined, argv: readonly string[] | undefined): readonly string[] | string {
  if (cmd !== undefined && argv !== undefined) return "'cmd' and 'argv' exclude each other"
  try {
    const words = argv ?? splitWords(cmd ?? '')
    return words.length === 0 ? 'expected a command' : words
  } catch (error) {
    return `not a command line: ${reasonOf(error)}`
  }
}

export const command = defineModule({
  name: 'command',
  summary: 'Runs a program without a shell.',
  documentation: () => ({
    parameters: {
      cmd: 'Command line, split into words as a shell does; variables, wildcards, pipes and redirections have no special meaning.',
      argv: 'Command as a list of words, instead of `cmd`.',
      ...commandSentences,
    },
    checkMode:
      'Not run. Reported as changed, unless `creates` or `removes` shows that it is not needed, or `changed_when: false` says that it changes nothing. What it prints and writes is unknown to later tasks. `check_mode: false` runs it in a dry run too.',
    example: `- name: Create the Diffie-Hellman parameters
  command: openssl dhparam -out /etc/nginx/dhparam.pem 2048
  args:
    creates: /etc/nginx/dhparam.pem

- name: Check the configuration of Nginx
  command:
    argv: [nginx, -t]
  changed_when: false
  check_mode: false`,
  }),
  freeForm: 'cmd',
  params,
  reads: (given: CommandParams) => readCircumstances(given),
  diff: (state, given) => commandChanges(joinWords(given.words), state, given),
  apply: (_changes, given) => [commandStep(joinWords(given.words), sh`exec ${given.words}`, given)],
  result: (done) => commandResult(done.params.words, done),
})

import * as z from 'zod'

import { reasonOf } from '../errors.ts'
import { sh, type Script } from '../target/sh.ts'
import { joinWords, splitWords } from '../text/shell-words.ts'
import { defineCommandModule } from './command/command-module.ts'
import {
  commandOptions,
  commandSentences,
  resolveCommandOptions,
  type CommandOptions,
} from './command/options.ts'
import { textParam } from './definition/parameters.ts'

interface CommandParams extends CommandOptions {
  readonly words: readonly string[]
}

const params = z
  .strictObject({ cmd: textParam.optional(), argv: z.array(textParam).optional(), ...commandOptions })
  .transform(({ cmd, argv, ...given }, context): CommandParams => {
    const words = wordsOf(cmd, argv)
    if (typeof words !== 'string') return { ...resolveCommandOptions(given, context), words }
    context.addIssue({ code: 'custom', message: words })
    return z.NEVER
  })

function wordsOf(cmd: string | undefined, argv: readonly string[] | undefined): readonly string[] | string {
  if (cmd !== undefined && argv !== undefined) return "'cmd' and 'argv' exclude each other"
  try {
    const words = argv ?? splitWords(cmd ?? '')
    return words.length === 0 ? 'expected a command' : words
  } catch (error) {
    return `invalid command line: ${reasonOf(error)}`
  }
}

export const command = defineCommandModule({
  name: 'command',
  summary: 'Runs a program without a shell.',
  documentation: () => ({
    parameters: {
      cmd: 'Command line, split into words as in a shell; `~` at the beginning of a word is the home directory. Variables, wildcards, pipes and redirections have no special meaning.',
      argv: 'Command as a list of words, instead of `cmd`.',
      ...commandSentences,
    },
    checkMode:
      'Not run. Reported as changed, unless `creates` or `removes` shows that it is not needed, or `changed_when: false` says that it changes nothing. Its output and the files that it writes are unknown to later tasks. `check_mode: false` runs it in a dry run too.',
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
  line: ({ words }) => joinWords(words),
  registered: ({ words }) => words,
  program: ({ words }) =>
    words.some(isInHome) ? sh`exec ${joined(words.map(scriptWord))}` : sh`exec ${words}`,
})

/** Returns whether a word names the home directory, or a path in it, as `~` does in a shell. */
function isInHome(word: string): boolean {
  return word === '~' || word.startsWith('~/')
}

function scriptWord(word: string): Script {
  if (word === '~') return sh`~`
  return isInHome(word) ? sh`~/${word.slice(2)}` : sh`${word}`
}

function joined(words: readonly Script[]): Script {
  return words.reduce((line, word) => sh`${line} ${word}`)
}

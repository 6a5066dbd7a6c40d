import * as z from 'zod'

import { attach, sh } from '../target/sh.ts'
import { defineCommandModule } from './command/command-module.ts'
import {
  commandOptions,
  commandSentences,
  resolveCommandOptions,
  type CommandOptions,
} from './command/options.ts'
import { absolutePath, nameParam } from './definition/parameters.ts'

interface ShellParams extends CommandOptions {
  readonly cmd: string
  readonly executable: string
}

export const shell = defineCommandModule({
  name: 'shell',
  summary: 'Runs a script in a shell.',
  documentation: () => ({
    parameters: {
      cmd: 'Script to run.',
      executable: 'Absolute path of the shell.',
      ...commandSentences,
    },
    checkMode:
      'Not run. Reported as changed, unless `creates` or `removes` shows that it is not needed, or `changed_when: false` says that it changes nothing. Its output and the files that it writes are unknown to later tasks. `check_mode: false` runs it in a dry run too.',
    example: `- name: Count the releases
  shell: ls releases | wc -l
  args:
    chdir: /srv/shop
  register: releases
  changed_when: false
  check_mode: false`,
  }),
  freeForm: 'cmd',
  params: z
    .strictObject({ cmd: nameParam, executable: absolutePath.default('/bin/sh'), ...commandOptions })
    .transform((given, context): ShellParams => resolveCommandOptions(given, context)),
  line: ({ cmd }) => cmd,
  registered: ({ cmd }) => cmd,
  program: ({ cmd, executable }) => sh`exec ${executable} ${attach('command', cmd)}`,
})

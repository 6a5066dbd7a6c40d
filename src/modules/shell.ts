import * as z from 'zod'

import { attach, sh } from '../target/sh.ts'
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
import { absolutePath, nameParam } from './definition/parameters.ts'

interface ShellParams extends Circumstances {
  readonly cmd: string
  readonly executable: string
}

export const shell = defineModule({
  name: 'shell',
  summary: 'Runs a script in a shell.',
  documentation: () => ({
    parameters: {
      cmd: 'Text of the script.',
      executable: 'Absolute path of the shell.',
      ...commandSentences,
    },
    checkMode:
      'Not run. Reported as changed, unless `creates` or `removes` shows that it is not needed, or `changed_when: false` says that it changes nothing. What it prints and writes is unknown to later tasks. `check_mode: false` runs it in a dry run too.',
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
    .strictObject({ cmd: nameParam, executable: absolutePath.default('/bin/sh'), ...circumstances })
    .transform((given, context): ShellParams => resolveCircumstances(given, context)),
  reads: (given: ShellParams) => readCircumstances(given),
  diff: (state, given) => commandChanges(given.cmd, state, given),
  apply(_changes, given) {
    const program = sh`exec ${given.executable} ${attach('command', given.cmd)}`
    return [commandStep(given.cmd, program, given)]
  },
  result: (done) => commandResult(done.params.cmd, done),
})

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
} from './command/options.ts'
import { defineModule } from './definition/module.ts'
import { absolutePath, nameParam } from './definition/parameters.ts'

interface ShellParams extends Circumstances {
  readonly cmd: string
  readonly executable: string
}

export const shell = defineModule({
  name: 'shell',
  summary: 'Runs a text as a script of the shell.',
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

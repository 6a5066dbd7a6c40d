import type { Script } from '../../target/sh.ts'
import { type AnyModule, defineModule, type Module } from '../definition/module.ts'
import {
  commandChanges,
  commandResult,
  commandStep,
  readCommandOptions,
  type CommandOptions,
} from './options.ts'

type CommandKeys = ReturnType<typeof readCommandOptions>

type CommandModule<Params extends CommandOptions> = Omit<
  Module<Params, CommandKeys>,
  'type' | 'reads' | 'diff' | 'apply' | 'result'
> & {
  /** The command as one line for people. */
  readonly line: (params: Params) => string
  /** The command as `register` gets it. */
  readonly registered: (params: Params) => string | readonly string[]
  /** Runs the command as the last thing of the script. */
  readonly program: (params: Params) => Script
}

/** A module that runs what the task says: the modules differ only in what they run. */
export function defineCommandModule<Params extends CommandOptions>({
  line,
  registered,
  program,
  ...module
}: CommandModule<Params>): AnyModule {
  return defineModule<Params, CommandKeys>({
    ...module,
    reads: readCommandOptions,
    diff: (state, params) => commandChanges(line(params), state, params),
    apply: (_changes, params) => [commandStep(line(params), program(params), params)],
    result: (done) => commandResult(registered(done.params), done),
  })
}

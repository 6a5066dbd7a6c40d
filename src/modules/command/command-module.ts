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
  /** Returns the command as one line for messages. */
  readonly line: (params: Params) => string
  /** Returns the command for the registered variable. */
  readonly registered: (params: Params) => string | readonly string[]
  /** Returns a script that runs the command last. */
  readonly program: (params: Params) => Script
}

/** Defines a module that runs the command of the task. */
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

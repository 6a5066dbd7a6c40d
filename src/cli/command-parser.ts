import type { Argv, CommandModule } from 'yargs'

import type { ExitCode } from '../errors.ts'
import type { Action, Command } from './commands/define-command.ts'
import { takeOptions } from './options/command-options.ts'
import type { PositionalTable } from './options/option-values.ts'
import type { Terminal } from './terminal.ts'

/**
 * Converts a command for yargs.
 * @param done receives the exit code
 */
export function commandModule(
  command: Command,
  terminal: Terminal,
  done: (exitCode: ExitCode) => void,
): CommandModule {
  const { name, describe } = command
  if (!('actions' in command)) return actionModule(name, command, terminal, done)
  return {
    command: `${name} <action>`,
    describe,
    builder: (yargs) => {
      for (const [action, definition] of Object.entries(command.actions))
        yargs.command(actionModule(action, definition, terminal, done))
      if (command.epilogue !== undefined) yargs.epilogue(command.epilogue)
      return yargs.demandCommand(1).strict()
    },
    handler: () => undefined,
  }
}

function actionModule(
  name: string,
  { describe, positionals, options, hasVerbatim, run }: Action,
  terminal: Terminal,
  done: (exitCode: ExitCode) => void,
): CommandModule {
  return {
    command: [name, ...Object.entries(positionals).map(syntaxOf)].join(' '),
    describe,
    builder: (yargs) => {
      if (hasVerbatim) yargs.parserConfiguration({ 'populate--': true })
      return takeOptions(takePositionals(yargs, positionals), options)
    },
    handler: async (values) => {
      done(await run(values, terminal))
    },
  }
}

function takePositionals(yargs: Argv, positionals: PositionalTable): Argv {
  return Object.entries(positionals).reduce((taken, [name, option]) => taken.positional(name, option), yargs)
}

/** e.g. "<playbook>", "[pattern]", "<name..>" */
function syntaxOf([name, { array, demandOption }]: [string, PositionalTable[string]]): string {
  const placeholder = array === true ? `${name}..` : name
  return demandOption === true ? `<${placeholder}>` : `[${placeholder}]`
}

import { defined } from '../../defined.ts'
import type { ExitCode } from '../../errors.ts'
import type { CommandName } from '../command-names.ts'
import type { OptionTable, OptionValues, PositionalTable } from '../options/option-values.ts'
import type { Terminal } from '../terminal.ts'

/** A command, or one of the things that a command can do. */
interface Definition<Positionals extends PositionalTable, Options extends OptionTable> {
  /** One line for the help; false leaves it out there. */
  readonly describe: string | false
  /** Its arguments in order: the ones without `demandOption` are optional, one with `array` takes all that follow. */
  readonly positionals?: Positionals
  readonly options?: Options
  /** Keeps the words after `--` apart, see `verbatim`. */
  readonly hasVerbatim?: boolean
  /** Loads what it needs itself: every start of hostwright reads all definitions. */
  readonly run: (
    values: OptionValues<Positionals> & OptionValues<Options>,
    terminal: Terminal,
  ) => Promise<ExitCode>
}

interface CommandDefinition<
  Positionals extends PositionalTable,
  Options extends OptionTable,
> extends Definition<Positionals, Options> {
  readonly name: CommandName
  readonly describe: string
  /** The error when an argument is missing, as a question. */
  readonly question?: string
}

/** A command whose first argument says what to do. */
export interface CommandGroup {
  readonly name: CommandName
  readonly describe: string
  /** The error when the argument of an action is missing, as a question. */
  readonly question?: string
  readonly actions: Readonly<Record<string, Action>>
  /** The last paragraphs of the help. */
  readonly epilogue?: string
}

/** What the command line knows of a command or an action. */
export interface Action {
  readonly describe: string | false
  readonly positionals: PositionalTable
  readonly options: OptionTable
  readonly hasVerbatim: boolean
  readonly run: (values: Readonly<Record<string, unknown>>, terminal: Terminal) => Promise<ExitCode>
}

export interface SingleCommand extends Action {
  readonly name: CommandName
  readonly describe: string
  readonly question?: string
}

export type Command = SingleCommand | CommandGroup

/** Defines a command: its name, arguments and options for the command line, for help and for errors. */
export function defineCommand<const Positionals extends PositionalTable, const Options extends OptionTable>(
  definition: CommandDefinition<Positionals, Options>,
): SingleCommand {
  const { name, describe, question } = definition
  return { ...defineAction(definition), name, describe, ...defined({ question }) }
}

/** Defines something that a command can do, such as `hook install`. */
export function defineAction<const Positionals extends PositionalTable, const Options extends OptionTable>({
  describe,
  positionals,
  options,
  hasVerbatim = false,
  run,
}: Definition<Positionals, Options>): Action {
  return {
    describe,
    hasVerbatim,
    positionals: positionals ?? {},
    options: options ?? {},
    // yargs gives the values that the tables of arguments and options promise
    run: run as unknown as Action['run'],
  }
}

/** Defines a command that is a group of actions. */
export function defineCommandGroup(definition: CommandGroup): CommandGroup {
  return definition
}

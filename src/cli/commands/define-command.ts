import type { ExitCode } from '../../errors.ts'
import { defined } from '../../text/defined.ts'
import type { CommandName } from '../command-names.ts'
import type { OptionTable, OptionValues, PositionalTable } from '../options/option-values.ts'
import type { Terminal } from '../terminal.ts'

/** The definition of a command or of an action, such as `hook install`. */
interface Definition<Positionals extends PositionalTable, Options extends OptionTable> {
  /** One line for the help; false hides the action there. */
  readonly describe: string | false
  /** The arguments in order: those without `demandOption` are optional, one with `array` takes all that follow. */
  readonly positionals?: Positionals
  readonly options?: Options
  /** Keeps the words after `--` apart, see `verbatim`. */
  readonly hasVerbatim?: boolean
  /** Runs the command. It imports its dependencies when called, because every start loads all definitions. */
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
  /** The error if a required argument is missing. */
  readonly missingArgument?: string
}

/** A command whose first argument is the name of an action. */
export interface CommandGroup {
  readonly name: CommandName
  readonly describe: string
  /** The error if a required argument of an action is missing. */
  readonly missingArgument?: string
  readonly actions: Readonly<Record<string, Action>>
  /** The last paragraphs of the help. */
  readonly epilogue?: string
}

/** A command or an action with all defaults filled in, independent of the types of its options. */
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
  readonly missingArgument?: string
}

export type Command = SingleCommand | CommandGroup

/** Defines a command: parsing, help and errors for wrong usage are derived from it. */
export function defineCommand<const Positionals extends PositionalTable, const Options extends OptionTable>(
  definition: CommandDefinition<Positionals, Options>,
): SingleCommand {
  const { name, describe, missingArgument } = definition
  return { ...defineAction(definition), name, describe, ...defined({ missingArgument }) }
}

/** Defines an action of a command, such as `hook install`. */
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
    // yargs passes values of the types that the tables of arguments and options declare
    run: run as unknown as Action['run'],
  }
}

/** Defines a command that is a group of actions. */
export function defineCommandGroup(definition: CommandGroup): CommandGroup {
  return definition
}

import { UsageError } from '../errors.ts'
import { didYouMean, nearestName } from '../text/did-you-mean.ts'
import { commandNames } from './command-names.ts'
import type { Command, CommandGroup } from './commands/define-command.ts'
import { commandNamed } from './commands/index.ts'

const names: readonly string[] = commandNames

/** Converts an error message of yargs. */
export function wrongUsage(message: string, argv: readonly string[]): UsageError {
  const help = helpFor(argv)
  const [name, action = ''] = argv
  const command = commandNamed(name)
  if (command !== undefined && 'actions' in command && !Object.hasOwn(command.actions, action))
    return unknownAction(action, command, help)
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1]?.split(', ')
  if (unknown !== undefined) return unknownArgument(unknown, argv, help)
  const unfinished = /^Not enough arguments following: (.*)$/.exec(message)?.[1]
  if (unfinished !== undefined) return new UsageError(`${dashed(unfinished)} needs a value`, help)
  const choice = /Argument: (.*), Given: (.*), Choices: (.*)$/.exec(message)
  if (choice !== null) {
    const [, option = '', given = '', choices = ''] = choice
    const shown = optionsOf(command).includes(option) ? dashed(option) : option
    return new UsageError(`${shown} must be one of ${choices}, not ${given}`, help)
  }
  const missing = /^Missing required arguments?: (.*)$/.exec(message)?.[1]?.split(', ').map(dashed)
  if (missing !== undefined)
    return new UsageError(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`, help)
  if (message.startsWith('Not enough non-option arguments'))
    return new UsageError(command?.missingArgument ?? message, help)
  return new UsageError(message, help)
}

function unknownAction(action: string, { actions }: CommandGroup, help: string): UsageError {
  const shown = Object.keys(actions).filter((known) => actions[known]?.describe !== false)
  if (action === '' || action.startsWith('-'))
    return new UsageError(`no action given: ${shown.join(', ')}`, help)
  return new UsageError(
    `unknown action '${action}', not one of ${shown.join(', ')}`,
    didYouMean(action, shown) ?? help,
  )
}

/** Returns the names of the options of a command and of its actions. */
function optionsOf(command: Command | undefined): string[] {
  if (command === undefined) return []
  const definitions = 'actions' in command ? Object.values(command.actions) : [command]
  return definitions.flatMap(({ options }) => Object.keys(options))
}

function unknownArgument(unknown: readonly string[], argv: readonly string[], help: string): UsageError {
  const [name = ''] = unknown
  const isOption = argv.some(
    (word) => word.startsWith('-') && word.replace(/^-+(?:no-)?/, '').startsWith(name),
  )
  if (isOption) {
    const known = optionsOf(commandNamed(argv[0]))
    const forTheMachine =
      argv[1] === 'ssh' ? 'put a command with options after --: hostwright sandbox ssh NAME -- ls -l' : help
    return withNearest(`unknown option ${dashed(name)}`, name, known, forTheMachine)
  }
  if (argv[0] === name) return withNearest(`unknown command '${name}'`, name, names, help)
  return new UsageError(`unexpected argument '${name}'`, help)
}

function withNearest(message: string, name: string, known: readonly string[], help: string): UsageError {
  const nearest = nearestName(name, known)
  if (nearest === undefined) return new UsageError(message, help)
  return new UsageError(message, `did you mean '${known === names ? nearest : dashed(nearest)}'?`)
}

function helpFor([command = '']: readonly string[]): string {
  return names.includes(command)
    ? `run hostwright ${command} --help`
    : 'run hostwright --help for a list of the commands'
}

function dashed(name: string): string {
  return `${name.length === 1 ? '-' : '--'}${name}`
}

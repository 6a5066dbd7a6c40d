import { UsageError } from '../errors.ts'
import { didYouMean, nearestName } from '../text/did-you-mean.ts'
import { type CommandName, commandNames } from './command-names.ts'
import { deployCommandOptions } from './commands/deploy.ts'
import { docOptions } from './commands/doc.ts'
import { hookOptions } from './commands/hook.ts'
import { rollbackOptions } from './commands/rollback.ts'
import { unlockOptions } from './commands/unlock.ts'
import { watchOptions } from './commands/watch.ts'
import { deployOptions } from './options/deploy-options.ts'
import { connectionOptions, runOptions } from './options/run-options.ts'

/** Every command with its options, for what is written almost right. */
const optionsOfCommands: Readonly<Record<CommandName, object>> = {
  run: runOptions,
  deploy: deployCommandOptions,
  rollback: rollbackOptions,
  releases: deployOptions,
  unlock: unlockOptions,
  maintenance: deployOptions,
  watch: watchOptions,
  hook: hookOptions,
  ping: connectionOptions,
  doc: docOptions,
  sandbox: { debian: {}, fresh: {}, network: {} },
}

const optionsOf: Readonly<Record<string, object>> = optionsOfCommands
const commands: readonly string[] = commandNames
/** What each command asks for that was not told what it works on. */
const questions: Readonly<Record<string, string>> = {
  run: 'which playbook?',
  maintenance: 'on or off?',
  hook: 'name what to do: install',
  sandbox: 'which machine?',
}
const sandboxActions = ['up', 'list', 'ssh', 'down']

/** What yargs finds wrong, in words for the person who typed it. */
export function wrongUsage(message: string, argv: readonly string[]): UsageError {
  const help = helpFor(argv)
  const [command, action = ''] = argv
  if (command === 'sandbox' && !sandboxActions.includes(action)) return unknownAction(action, help)
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message)?.[1]?.split(', ')
  if (unknown !== undefined) return unknownArgument(unknown, argv, help)
  const unfinished = /^Not enough arguments following: (.*)$/.exec(message)?.[1]
  if (unfinished !== undefined) return new UsageError(`${dashed(unfinished)} needs a value`, help)
  const choice = /Argument: (.*), Given: (.*), Choices: (.*)$/.exec(message)
  if (choice !== null) {
    const [, name = '', given = '', choices = ''] = choice
    const shown = name in (optionsOf[command ?? ''] ?? {}) ? dashed(name) : name
    return new UsageError(`${shown} is one of ${choices}, not ${given}`, help)
  }
  const missing = /^Missing required arguments?: (.*)$/.exec(message)?.[1]?.split(', ').map(dashed)
  if (missing !== undefined)
    return new UsageError(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`, help)
  if (message.startsWith('Not enough non-option arguments'))
    return new UsageError(questions[command ?? ''] ?? message, help)
  return new UsageError(message, help)
}

function unknownAction(action: string, help: string): UsageError {
  if (action === '' || action.startsWith('-'))
    return new UsageError(`name what to do: ${sandboxActions.join(', ')}`, help)
  return new UsageError(
    `sandbox cannot '${action}', only ${sandboxActions.join(', ')}`,
    didYouMean(action, sandboxActions) ?? help,
  )
}

function unknownArgument(unknown: readonly string[], argv: readonly string[], help: string): UsageError {
  const [name = ''] = unknown
  const isOption = argv.some(
    (word) => word.startsWith('-') && word.replace(/^-+(?:no-)?/, '').startsWith(name),
  )
  if (isOption) {
    const known = Object.keys(optionsOf[argv[0] ?? ''] ?? {})
    const forTheMachine =
      argv[1] === 'ssh'
        ? 'a command with options stands after --: hostwright sandbox ssh NAME -- ls -l'
        : help
    return withNearest(`there is no option ${dashed(name)}`, name, known, forTheMachine)
  }
  if (argv[0] === name) return withNearest(`there is no command '${name}'`, name, commands, help)
  return new UsageError(`what is '${name}' for? It is one argument too many`, help)
}

function withNearest(message: string, name: string, known: readonly string[], help: string): UsageError {
  const nearest = nearestName(name, known)
  if (nearest === undefined) return new UsageError(message, help)
  return new UsageError(message, `did you mean '${known === commands ? nearest : dashed(nearest)}'?`)
}

function helpFor([command = '']: readonly string[]): string {
  return commands.includes(command)
    ? `hostwright ${command} --help says what it takes`
    : 'hostwright --help lists the commands'
}

function dashed(name: string): string {
  return `${name.length === 1 ? '-' : '--'}${name}`
}

import type { Argv, CommandModule, Options, PositionalOptions } from 'yargs'

import { commandModule } from '../../src/cli/command-parser.ts'
import { commands } from '../../src/cli/commands/index.ts'
import type { Terminal } from '../../src/cli/terminal.ts'

/** The declaration of a command. */
export interface CommandRecord {
  /** The name with the arguments, e.g. "run <playbook>". */
  readonly usage: string
  readonly description: string
  readonly positionals: ReadonlyMap<string, PositionalOptions>
  readonly options: ReadonlyMap<string, Options>
  /** The paragraphs that its help has besides. */
  readonly epilogue: string
  readonly commands: readonly CommandRecord[]
}

/** Returns every command that the help lists. */
export function recordCommands(): CommandRecord[] {
  // a declaration needs no terminal
  return Object.values(commands).flatMap((command) =>
    recordModule(commandModule(command, {} as Terminal, () => undefined)),
  )
}

type Build = (yargs: Argv) => unknown

function recordModule({ command, describe, builder }: CommandModule): CommandRecord[] {
  return record([command].flat()[0] ?? '', describe, builder)
}

function record(
  usage: string,
  describe: string | false | undefined,
  builder: Build | object = {},
): CommandRecord[] {
  if (typeof describe !== 'string') return []
  const recorder = new Recorder()
  if (typeof builder === 'function') (builder as Build)(recorder.yargs)
  const { positionals, options, epilogue, commands } = recorder
  return [{ usage, description: describe, positionals, options, epilogue, commands }]
}

/** A replacement for yargs that records the calls of a builder. */
class Recorder {
  readonly positionals = new Map<string, PositionalOptions>()
  readonly options = new Map<string, Options>()
  readonly commands: CommandRecord[] = []
  epilogue = ''
  readonly yargs: Argv

  constructor() {
    const recorded: Record<string, (...given: never[]) => void> = {
      positional: (name: string, options: PositionalOptions) => this.positionals.set(name, options),
      option: (name: string, options: Options) => this.options.set(name, options),
      options: (all: Readonly<Record<string, Options>>) => {
        for (const [name, options] of Object.entries(all)) this.options.set(name, options)
      },
      command: (usage: string, describe: string | false, builder?: Build | object) =>
        this.commands.push(...record(usage, describe, builder)),
      epilogue: (text: string) => (this.epilogue = text),
    }
    const yargs: object = new Proxy(
      {},
      {
        get:
          (_target, method: string) =>
          (...given: never[]) => {
            recorded[method]?.(...given)
            return yargs
          },
      },
    )
    this.yargs = yargs as Argv
  }
}

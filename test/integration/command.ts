import { spawn, type ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import type { Recap, RunEvent, TaskFinished } from '../../src/engine/event.ts'
import type { Machine } from '../../src/sandbox/index.ts'

export const project = fileURLToPath(new URL('../..', import.meta.url))

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

export interface StartedCommand {
  /** The process, for sending a signal. */
  readonly process: ChildProcess
  /** The result of the ended process; its code is null if a signal ended it. */
  readonly result: Promise<CommandResult>
}

/** Starts the installed command as a separate process. */
export function start(argv: readonly string[], options: CommandOptions = {}): StartedCommand {
  const { env = process.env, cwd = project } = options
  const command = spawn(process.execPath, [`${project}dist/cli/launch.cjs`, ...argv], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve, reject) => {
    command.once('error', reject).once('close', resolve)
  })
  const result = Promise.all([code, text(command.stdout), text(command.stderr)])
  return { process: command, result: result.then(([code, stdout, stderr]) => ({ code, stdout, stderr })) }
}

/** Runs the command to its end. */
export async function hostwright(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return await start(argv, options).result
}

/** Returns arguments that replace every host of the inventory with a throw-away machine. */
export function insteadOf(machine: Machine): string[] {
  const variables = {
    ansible_host: machine.address,
    ansible_port: machine.port,
    ansible_user: machine.user,
    ansible_ssh_private_key_file: machine.privateKeyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${machine.knownHostsFile}`,
  }
  return ['-e', JSON.stringify(variables)]
}

export interface JsonRun extends CommandResult {
  readonly events: readonly RunEvent[]
  readonly tasks: readonly TaskFinished[]
  readonly recap: Recap
}

/** Runs `hostwright run … -o jsonl`, and parses its output. */
export async function runJson(argv: readonly string[], options: CommandOptions = {}): Promise<JsonRun> {
  return takenApart(await hostwright(['run', ...argv, '-o', 'jsonl'], options))
}

/** Parses the output of a command with `-o jsonl`. */
export function takenApart(result: CommandResult): JsonRun {
  const events = result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent)
  const recap = events.at(-1)
  if (recap?.event !== 'recap') {
    throw new Error(`the run did not end with a recap:\n${result.stdout.slice(-2000)}\n${result.stderr}`)
  }
  return { ...result, events, recap, tasks: events.filter((event) => event.event === 'task') }
}

/** Returns the failures of a run, for a readable assertion. */
export function failuresOf(run: JsonRun): string[] {
  return run.tasks
    .filter((task) => task.status === 'failed' || task.status === 'unreachable')
    .map((task) => `${task.task}: ${task.msg} ${task.output?.stderr ?? ''}`)
}

import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../../..', import.meta.url))

interface Start {
  /** A module that imports the command. */
  readonly program?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Starts the command as a process of its own, without a build. */
export function startCommand(
  argv: readonly string[],
  stdio: StdioOptions,
  { program = 'src/cli/main.ts', env = {} }: Start = {},
): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', program, ...argv], {
    cwd: project,
    stdio,
    env: { ...process.env, ...env },
  })
}

/** Resolves with the exit code of the process. */
export function exitCodeOf(command: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    command.once('error', reject).once('exit', resolve)
  })
}

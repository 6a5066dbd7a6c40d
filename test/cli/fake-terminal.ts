import { PassThrough } from 'node:stream'

import type { CommandProcess } from '../../src/cli/terminal.ts'

export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Invocation {
  readonly argv: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Runs the command in this process, with a terminal that only remembers. */
export function command(...argv: readonly string[]): Promise<Run> {
  return commandIn({ argv })
}

/** Runs the command in this process, in an environment of its own. */
export async function commandIn({ argv, env = {} }: Invocation): Promise<Run> {
  const stdout = new PassThrough().setEncoding('utf8')
  const stderr = new PassThrough().setEncoding('utf8')
  const terminal: unknown = {
    stdin: process.stdin,
    stdout,
    stderr,
    env,
    cwd: () => process.cwd(),
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
    emit: () => undefined,
  }
  // as the commands import what they need: else there would be two of every class of errors
  const { runCommandLine } = await import('../../src/cli/command-line.ts')
  const code = await runCommandLine(argv, terminal as CommandProcess)
  return {
    code,
    stdout: (stdout.read() as string | null) ?? '',
    stderr: (stderr.read() as string | null) ?? '',
  }
}

import { Writable } from 'node:stream'

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
  const stdout = new Recorder()
  const stderr = new Recorder()
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
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** Keeps everything that is written to it. */
class Recorder extends Writable {
  readonly #written: string[] = []

  constructor() {
    super({ decodeStrings: false })
  }

  get text(): string {
    return this.#written.join('')
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.#written.push(chunk.toString())
    written()
  }
}

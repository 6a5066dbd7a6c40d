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

/** Runs the command in this process, with a terminal that records the output. */
export function command(...argv: readonly string[]): Promise<Run> {
  return commandIn({ argv })
}

/** Runs the command in this process, with the given environment. */
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
  // imported like the commands import their dependencies, so that there is only one class of each error
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

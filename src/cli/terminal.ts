import { Printer } from '../report/printer.ts'
import { paintFor } from '../report/style.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'
import type { Breakdown } from './breakdown/breakdown.ts'
import { StandardOutput } from './breakdown/standard-output.ts'

/** The parts of a process that the command line uses, except its output. */
interface Surroundings {
  readonly stdin: NodeJS.ReadStream
  readonly env: NodeJS.ProcessEnv
  cwd(): string
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  emit(event: 'SIGINT'): unknown
  off(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
}

/** The parts of a process that the command line uses. */
export interface CommandProcess extends Surroundings {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown
}

/** The process as the commands see it: with output that masks secrets. */
export interface Terminal extends Surroundings {
  /** All secrets of the process, which are masked in all output. */
  readonly secrets: Secrets
  readonly stdout: Printer
  readonly stderr: Printer
  /** The end of the command by an error outside of its calls. */
  readonly breakdown: Breakdown
  /** Continues if output cannot be written, e.g. because the reader has closed it. */
  ignoreOutputErrors(): void
  /** Resolves when all output is written or cannot be written. */
  flush(): Promise<void>
}

export function terminalOf(source: CommandProcess, secrets: Secrets, breakdown: Breakdown): Terminal {
  const outputs: StandardOutput[] = []
  let outputMatters = true
  const printerOn = (stream: NodeJS.WriteStream, name: string): Printer => {
    const output = new StandardOutput(stream, name, (error) => {
      if (outputMatters) breakdown.report(error)
    })
    outputs.push(output)
    return new Printer(output, { paint: paintFor(stream, source.env), mask: (text) => secrets.mask(text) })
  }
  let stdout: Printer | undefined
  let stderr: Printer | undefined
  return {
    secrets,
    breakdown,
    // getters, because Node.js opens a standard stream when its property is first read
    get stdin() {
      return source.stdin
    },
    get stdout() {
      return (stdout ??= printerOn(source.stdout, 'standard output'))
    },
    get stderr() {
      return (stderr ??= printerOn(source.stderr, 'standard error'))
    },
    ignoreOutputErrors() {
      outputMatters = false
    },
    async flush() {
      await Promise.all(outputs.map((output) => output.flush()))
    },
    env: source.env,
    cwd: () => source.cwd(),
    on: (event, listener) => source.on(event, listener),
    emit: (event) => source.emit(event),
    off: (event, listener) => source.off(event, listener),
  }
}

/** Returns a function that prints progress to standard error. */
export function progressOn(terminal: Terminal): (line: string) => void {
  return (line) => {
    terminal.stderr.print(line)
  }
}

import { Printer } from '../report/printer.ts'
import { paintFor } from '../report/style.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'

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
}

export function terminalOf(source: CommandProcess, secrets: Secrets): Terminal {
  const printerOn = (stream: NodeJS.WriteStream): Printer =>
    new Printer(stream, { paint: paintFor(stream, source.env), mask: (text) => secrets.mask(text) })
  let stdout: Printer | undefined
  let stderr: Printer | undefined
  return {
    secrets,
    // getters, because Node.js opens a standard stream when its property is first read
    get stdin() {
      return source.stdin
    },
    get stdout() {
      return (stdout ??= printerOn(source.stdout))
    },
    get stderr() {
      return (stderr ??= printerOn(source.stderr))
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

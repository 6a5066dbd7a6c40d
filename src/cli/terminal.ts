import { Printer } from '../report/printer.ts'
import { paintFor } from '../report/style.ts'
import type { Secrets } from '../variables/secrets/secrets.ts'

/** The parts of a process that the command line uses, without the streams that people read. */
interface Surroundings {
  readonly stdin: NodeJS.ReadStream
  readonly env: NodeJS.ProcessEnv
  cwd(): string
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  emit(event: 'SIGINT'): unknown
  off(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
}

/** The part of the process that the command line uses. */
export interface CommandProcess extends Surroundings {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown
}

/** The process as commands see it. */
export interface Terminal extends Surroundings {
  /** The one set of secrets of the process: every part registers its secrets here, and every output is masked by it. */
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
    // Node.js opens the streams of a process when they are first read.
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

/** Prints lines about what takes time, alongside the output. */
export function progressOn(terminal: Terminal): (line: string) => void {
  return (line) => {
    terminal.stderr.print(line)
  }
}

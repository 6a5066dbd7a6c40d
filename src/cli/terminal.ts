import type { Secrets } from '../variables/secrets.ts'

/** The part of the process that the command line uses. */
export interface CommandProcess {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  cwd(): string
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
  emit(event: 'SIGINT'): unknown
  off(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown
}

/** The process as commands see it. */
export interface Terminal extends CommandProcess {
  /** The one set of secrets of the process: every part registers its secrets here, and every output is masked by it. */
  readonly secrets: Secrets
}

export function terminalOf(process: CommandProcess, secrets: Secrets): Terminal {
  return {
    secrets,
    // Node.js opens the streams of a process when they are first read.
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return process.stdout
    },
    get stderr() {
      return process.stderr
    },
    env: process.env,
    cwd: () => process.cwd(),
    on: (event, listener) => process.on(event, listener),
    emit: (event) => process.emit(event),
    off: (event, listener) => process.off(event, listener),
  }
}

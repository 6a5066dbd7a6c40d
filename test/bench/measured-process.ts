import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Command {
  readonly program: string
  readonly argv: readonly string[]
  /** What comes on its standard input; without it, nothing does. */
  readonly input?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Measured {
  /** From the start of the process until it and its output have ended. */
  readonly seconds: number
  readonly stdout: string
}

/** Runs a process and measures it from outside. One that fails is no measurement, but an error with all it said. */
export async function measure(command: Command, signal: AbortSignal): Promise<Measured> {
  const { program, argv, input = '', cwd, env } = command
  const started = performance.now()
  const child = spawn(program, argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGINT',
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  })
  // who ends early leaves the rest of its input unread; its exit code tells
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject).once('close', (code, killer) => {
      resolve(code ?? killer)
    })
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) {
    throw new Error(`${program} ${argv.join(' ')} ended with ${String(code)}:\n${stdout}\n${stderr}`)
  }
  return { seconds, stdout }
}

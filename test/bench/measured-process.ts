import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Command {
  readonly program: string
  readonly argv: readonly string[]
  /** The standard input; empty by default. */
  readonly input?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Measured {
  /** The time from the start of the process until it and its output have ended. */
  readonly seconds: number
  readonly stdout: string
}

/** Runs a process and measures it from outside. Throws an error with its output if it fails. */
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
  // a process that ends early does not read the rest of its input; its exit code is checked
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { ExitCode } from '../../errors.ts'

/** Runs a deploy in a new session, so that Ctrl-C reaches only the watch. The abort signal ends the deploy. */
export async function runDeploy(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ExitCode> {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] })
  const end = (): void => {
    child.kill('SIGTERM')
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return exitCodes.find((known) => known === code) ?? ExitCode.bug
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const exitCodes: readonly ExitCode[] = Object.values(ExitCode)

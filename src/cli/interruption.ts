import { setMaxListeners } from 'node:events'

import { ExitCode, UserError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

/** Not a UserError, because a run continues on other hosts after a UserError of a task. */
class Interruption extends Error {}

/** Runs work, and aborts its signal on SIGINT, SIGTERM or SIGHUP. Waits for the work to clean up. */
export async function interruptible<Value>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController()
  // each host adds a listener, and Node.js warns of a leak if there are more than ten
  setMaxListeners(0, controller.signal)
  const interrupt = (): void => {
    if (!controller.signal.aborted) terminal.stderr.print('', 'stopping: waiting for running scripts to end…')
    controller.abort(new Interruption('interrupted'))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) terminal.on(signal, interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
    throw new UserError('interrupted', { exitCode: ExitCode.interrupted, cause: error })
  } finally {
    for (const signal of signals) terminal.off(signal, interrupt)
  }
}

import { setMaxListeners } from 'node:events'

import { ExitCode, UserError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

/** Not a UserError, because a run continues on other hosts after a UserError of a task. */
class Interruption extends Error {}

/**
 * Runs work, and aborts its signal on SIGINT, SIGTERM or SIGHUP, and after a breakdown of the command. Waits for the
 * work to clean up.
 */
export function interruptible<Value>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const result = untilInterrupted(terminal, work)
  terminal.breakdown.waitFor(result)
  return result
}

async function untilInterrupted<Value>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController()
  // each host adds a listener, and Node.js warns of a leak if there are more than ten
  setMaxListeners(0, controller.signal)
  const ignoreInterruption = onInterruption(terminal, () => {
    const { aborted } = terminal.breakdown.signal
    if (!controller.signal.aborted && !aborted)
      terminal.stderr.print('', 'stopping: waiting for running scripts to end…')
    controller.abort(new Interruption('interrupted'))
  })
  try {
    return await work(controller.signal)
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
    throw new UserError('interrupted', { exitCode: ExitCode.interrupted, cause: error })
  } finally {
    ignoreInterruption()
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls the listener on a signal to stop and after a breakdown. Returns a function that removes it. */
export function onInterruption(terminal: Terminal, listener: () => void): () => void {
  const { signal: breakdown } = terminal.breakdown
  for (const signal of signals) terminal.on(signal, listener)
  breakdown.addEventListener('abort', listener)
  if (breakdown.aborted) listener()
  return () => {
    for (const signal of signals) terminal.off(signal, listener)
    breakdown.removeEventListener('abort', listener)
  }
}

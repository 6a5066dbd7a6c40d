import { setMaxListeners } from 'node:events'

import { ExitCode, UserError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

/** No UserError: those are what a task or a host may fail with, and then the run goes on. */
class Interruption extends Error {}

/** Runs work that Ctrl-C, a hang-up or a polite kill asks to stop: it ends what it began, then returns. */
export async function interruptible<Value>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController()
  // Each host listens; above ten listeners Node.js would warn of a leak.
  setMaxListeners(0, controller.signal)
  const interrupt = (): void => {
    if (!controller.signal.aborted) terminal.stderr.print('', 'stopping: what runs is ended first…')
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

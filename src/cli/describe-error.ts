import { ExitCode, InvalidInputError, UserError } from '../errors.ts'
import { paintFor } from '../report/style.ts'
import { describeExcerpt } from '../yaml/excerpt.ts'
import type { Terminal } from './terminal.ts'

/** An error for the person at the terminal: theirs as a message, ours with its stack. */
export function describeError(error: unknown, terminal: Terminal): { text: string; exitCode: ExitCode } {
  const paint = paintFor(terminal.stderr, terminal.env)
  if (error instanceof InvalidInputError) {
    const count = error.diagnostics.length
    const title = count === 1 ? 'one thing is wrong:' : `${count} things are wrong:`
    const text = [paint('red', title), ...error.diagnostics.map(describeExcerpt)].join('\n')
    return { text, exitCode: error.exitCode }
  }
  if (error instanceof UserError) {
    const hint = error.hint === undefined ? '' : `\n${error.hint}`
    return { text: `${paint('red', error.message)}${hint}`, exitCode: error.exitCode }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `${paint('red', 'this is a bug in hostwright:')}\n${stack}`, exitCode: ExitCode.bug }
}

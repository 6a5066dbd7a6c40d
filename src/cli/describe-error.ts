import { ExitCode, InvalidInputError, UserError } from '../errors.ts'
import { shortened, styled, type Text } from '../report/style.ts'
import { describeExcerpt } from '../yaml/excerpt.ts'
import { OutputError } from './breakdown/standard-output.ts'

/** The number of characters of a line that are shown: an error may quote a value of any size. */
const longestLine = 1000

/** Returns the lines to print for an error: only the message for a UserError, the stack for a bug. */
export function describeError(error: unknown): { lines: Text[]; exitCode: ExitCode } {
  const { lines, exitCode } = inFull(error)
  return { lines: lines.map((line) => shortened(longestLine, line)), exitCode }
}

function inFull(error: unknown): { lines: Text[]; exitCode: ExitCode } {
  if (error instanceof InvalidInputError) {
    const count = error.diagnostics.length
    const title = count === 1 ? '1 error:' : `${count} errors:`
    const lines = [styled('red', title), ...error.diagnostics.map(describeExcerpt)]
    return { lines, exitCode: error.exitCode }
  }
  if (error instanceof OutputError && error.isClosed) return { lines: [], exitCode: error.exitCode }
  if (error instanceof UserError) {
    const hint = error.hint === undefined ? [] : [error.hint]
    return { lines: [styled('red', error.message), ...hint], exitCode: error.exitCode }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { lines: [styled('red', 'this is a bug in hostwright:'), stack], exitCode: ExitCode.bug }
}

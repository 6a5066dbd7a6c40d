import { ExitCode } from '../../errors.ts'
import type { Outcome } from './watch-state.ts'

export interface Verdict {
  readonly outcome: Outcome
  readonly text: string
}

const untilItChanges = 'not retried until the tag changes'
const atTheNextPoll = 'retrying at the next poll'

/** Returns what a watch does with a tag after a deploy with this exit code. */
export function verdictOn(exitCode: ExitCode): Verdict {
  switch (exitCode) {
    case ExitCode.done:
      return { outcome: 'deployed', text: 'done' }
    case ExitCode.locked:
      return { outcome: 'postponed', text: `another run holds the lock; ${atTheNextPoll}` }
    case ExitCode.unreachable:
      return { outcome: 'postponed', text: `a host was unreachable; ${atTheNextPoll}` }
    case ExitCode.interrupted:
    case ExitCode.outputFailed:
    case ExitCode.outputClosed:
      return { outcome: 'postponed', text: `the deploy was interrupted; ${atTheNextPoll}` }
    case ExitCode.rolledBack:
      return { outcome: 'failed', text: `the deploy failed and was rolled back; ${untilItChanges}` }
    case ExitCode.failed:
    case ExitCode.changesPending:
    case ExitCode.stalePlan:
    case ExitCode.usage:
    case ExitCode.invalidInput:
    case ExitCode.nothingMatched:
    case ExitCode.bug:
      return { outcome: 'failed', text: `the deploy failed with exit code ${exitCode}; ${untilItChanges}` }
  }
}

import { setTimeout } from 'node:timers/promises'

import { ExitCode, UserError } from '../../errors.ts'
import { withLockIfFree } from '../../process-lock.ts'
import { kept, makeFolderOf, onDisk } from '../state-folder.ts'
import { type PollOptions, poll } from './poll.ts'
import { WatchState } from './watch-state.ts'

export interface WatchOptions extends PollOptions {
  /** The file with the tags that were seen; by default a file in `.hostwright` for each repository. */
  readonly stateFile?: string | undefined
  readonly intervalSeconds: number
  /** Polls only once, for cron. */
  readonly once?: boolean
}

/**
 * Deploys tags as they appear, until it is stopped or, with `once`, for one poll.
 * @returns with `once`, the exit code of the last deploy that did not succeed; otherwise `done`
 */
export async function watch(options: WatchOptions): Promise<ExitCode> {
  const { location, folder, once } = options
  const stateFile = options.stateFile ?? kept(folder, `watch-${location.id}.json`)
  await onDisk('create the folder of the state file', () => makeFolderOf(stateFile))
  const done = await withLockIfFree(`${stateFile}.lock`, async () => {
    const state = await WatchState.read(stateFile, location.shown)
    return once === true ? await poll(state, options) : await pollUntilStopped(state, options)
  })
  if (done !== undefined) return done.result
  throw new UserError(`another watch of ${location.shown} is using ${stateFile}`, {
    exitCode: ExitCode.locked,
    hint: 'stop the other watch, or use another --state-file',
  })
}

async function pollUntilStopped(state: WatchState, options: WatchOptions): Promise<ExitCode> {
  const { intervalSeconds, location, say, stop } = options
  let answers = true
  while (!stop.aborted) {
    answers = await pollAndReport(state, options, answers)
    await setTimeout(intervalSeconds * 1000, undefined, { signal: stop }).catch(() => undefined)
  }
  say(`stopped watching ${location.shown}`)
  return ExitCode.done
}

/** Polls, and reports the first of several failures in a row and the end of them. */
async function pollAndReport(state: WatchState, options: WatchOptions, answered: boolean): Promise<boolean> {
  const { intervalSeconds, location, say, stop } = options
  try {
    await poll(state, options)
    if (!answered) say(`${location.shown} is reachable again`)
    return true
  } catch (error) {
    if (error === stop.reason) return answered
    if (!(error instanceof UserError)) throw error
    if (answered) say(`poll failed; retrying every ${intervalSeconds} s\n${error.message}`)
    return false
  }
}

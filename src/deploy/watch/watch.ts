import { setTimeout } from 'node:timers/promises'

import { ExitCode, UserError } from '../../errors.ts'
import { withLockIfFree } from '../../process-lock.ts'
import { kept, makeFolderOf, onDisk } from '../state-folder.ts'
import { type PollOptions, poll } from './poll.ts'
import { WatchState } from './watch-state.ts'

export interface WatchOptions extends PollOptions {
  /** What the watch remembers is kept there; by default in a file below `.hostwright`, one for each repository. */
  readonly stateFile?: string | undefined
  readonly intervalSeconds: number
  /** One poll, for cron. */
  readonly once?: boolean
}

/**
 * Deploys tags as they appear, until it is stopped or, with `once`, after one poll.
 * @returns how the last deploy of the one poll that did not succeed has ended, else `done`
 */
export async function watch(options: WatchOptions): Promise<ExitCode> {
  const { location, folder, once } = options
  const stateFile = options.stateFile ?? kept(folder, `watch-${location.id}.json`)
  await onDisk('remember tags', () => makeFolderOf(stateFile))
  const done = await withLockIfFree(`${stateFile}.lock`, async () => {
    const state = await WatchState.read(stateFile, location.shown)
    return once === true ? await poll(state, options) : await pollOnAndOn(state, options)
  })
  if (done !== undefined) return done.result
  throw new UserError(`another watch of ${location.shown} is at work with ${stateFile}`, {
    exitCode: ExitCode.locked,
    hint: 'wait for its end, or give this one a state file of its own',
  })
}

async function pollOnAndOn(state: WatchState, options: WatchOptions): Promise<ExitCode> {
  const { intervalSeconds, location, say, stop } = options
  let answers = true
  while (!stop.aborted) {
    answers = await pollAndReport(state, options, answers)
    await setTimeout(intervalSeconds * 1000, undefined, { signal: stop }).catch(() => undefined)
  }
  say(`the watch of ${location.shown} has ended`)
  return ExitCode.done
}

/** A repository that does not answer is reported once. */
async function pollAndReport(state: WatchState, options: WatchOptions, answered: boolean): Promise<boolean> {
  const { intervalSeconds, location, say, stop } = options
  try {
    await poll(state, options)
    if (!answered) say(`${location.shown} answers again`)
    return true
  } catch (error) {
    if (error === stop.reason) return answered
    if (!(error instanceof UserError)) throw error
    if (answered) say(`a poll failed; polling goes on every ${intervalSeconds} s\n${error.message}`)
    return false
  }
}

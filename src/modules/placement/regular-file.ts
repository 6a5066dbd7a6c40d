import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'

/** Only a regular file has a content that can be edited; in the place of one, a FIFO or a device is a mistake. */
export function demandRegularFile(path: string, state: PathState): void {
  if (state.exists && state.type !== 'file') throw new TaskFailure(`${path} is a ${state.type}, not a file`)
}

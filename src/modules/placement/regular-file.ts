import { TaskFailure } from '../../errors.ts'
import type { PathState } from '../../state/path/value.ts'

/** Fails if the path is a FIFO, a device or the like, which has no content to edit. */
export function demandRegularFile(path: string, state: PathState): void {
  if (state.exists && state.type !== 'file') throw new TaskFailure(`${path} is a ${state.type}, not a file`)
}

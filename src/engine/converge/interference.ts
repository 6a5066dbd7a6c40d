import { TaskFailure } from '../../errors.ts'
import type { Change } from '../../modules/definition/change.ts'
import { describeWriters, findOtherWriters } from '../../state/swap/other-writers.ts'
import type { Outcome } from '../../target/target.ts'
import type { Machine } from '../machine/machine.ts'
import { readTimeLimit } from '../machine/read-request.ts'
import type { Convergence } from './convergence.ts'
import type { Invocation } from './invocation.ts'
import type { Note } from './note.ts'

/** An attempt that ended because the host was not as it was read. */
export interface StaleAttempt {
  readonly type: 'stale'
  readonly outcome: Outcome
  /** The changes of the attempt if one of its steps was done, such as creating the directory of a file. */
  readonly changes: readonly Change[]
  /** The note that was written. */
  readonly note: Note | undefined
}

/** Adds the changes of stale attempts to the result of the last attempt. */
export function withEarlier(last: Convergence, stale: readonly StaleAttempt[]): Convergence {
  const earlier = stale.flatMap(({ changes }) => changes)
  if (last.type === 'unknown' || earlier.length === 0) return last
  const fields = new Set(last.changes.map(({ field }) => field))
  const unique = new Map(earlier.filter(({ field }) => !fields.has(field)).map((one) => [one.field, one]))
  return { ...last, changed: true, changes: [...unique.values(), ...last.changes] }
}

/** Removes the notes of stale attempts if the task changes nothing in the end. */
export async function removeNotes(stale: readonly StaleAttempt[]): Promise<void> {
  for (const { note } of stale) {
    if (note === undefined) continue
    const [outcome] = await note.machine.run(note.user, [note.removal], { timeLimit: readTimeLimit })
    if (outcome?.code === 0) note.removed()
  }
}

/** Returns the failure of a task whose things changed again after each reading, with the process that writes there. */
export async function interference(
  machine: Machine,
  { user, keys }: Invocation,
  stale: readonly StaleAttempt[],
): Promise<TaskFailure> {
  const paths = keys.filter(({ kind }) => kind.name === 'path').map(({ subject }) => subject)
  const [outcome] = await machine.run(user, [findOtherWriters(paths)], { timeLimit: readTimeLimit })
  const reason = stale.at(-1)?.outcome.stderr.trim() ?? ''
  return new TaskFailure(
    `${reason}, ${stale.length} times in a row, because of ${describeWriters(outcome?.stdout ?? '')}`,
    { hint: 'run the task again when nothing else changes the same file' },
  )
}

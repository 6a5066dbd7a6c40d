import { TaskFailure, UserError } from '../../errors.ts'
import type { AnyKind, Key } from '../../state/definition/key.ts'
import type { Script } from '../../target/sh.ts'
import { shownOutputLimit } from '../../target/shell/output-limit.ts'
import type { Outcome } from '../../target/target.ts'

/** The time limit for reading, in seconds. A dead mount can block even a script that only reads. */
export const readTimeLimit = 120

/** The keys that a task needs, and the user to read them as. */
export interface ReadRequest {
  readonly user: string | undefined
  readonly keys: readonly Key[]
}

/** The keys of one kind and the script that reads them together. */
export interface Reading {
  readonly kind: AnyKind
  readonly keys: readonly Key[]
  readonly script: Script
}

/** Groups the keys by kind, in the order of their first use and without duplicates. */
export function readingsOf(keys: readonly Key[]): Reading[] {
  const byKind = new Map<AnyKind, Map<string, Key>>()
  for (const key of keys) {
    const ofKind = byKind.get(key.kind) ?? new Map<string, Key>()
    byKind.set(key.kind, ofKind.set(key.id, key))
  }
  return [...byKind].map(([kind, unique]) => {
    const ofKind = [...unique.values()]
    return { kind, keys: ofKind, script: kind.read(ofKind.map((key) => key.question)) }
  })
}

/** Parses the output of a reading's script into the value of each key. Throws TaskFailure if the script failed. */
export function answersOf(reading: Reading, outcome: Outcome | undefined): [Key, unknown][] {
  if (outcome === undefined) throw new TaskFailure(`${describe(reading)} was not read`)
  if (outcome.code !== 0) throw failed(reading, outcome)
  const values = understood(reading, outcome.stdout)
  return reading.keys.map((key, index) => [key, values[index]])
}

/** Turns parser errors into TaskFailure, so that the run continues on the other hosts. */
function understood(reading: Reading, stdout: string): readonly unknown[] {
  try {
    return reading.kind.parse(
      stdout,
      reading.keys.map((key) => key.question),
    )
  } catch (error) {
    if (error instanceof UserError) throw error
    const { message } = error as Error
    throw new TaskFailure(
      `could not read ${describe(reading)}: unexpected answer from the host: ${message.slice(0, 1000)}`,
      { cause: error },
    )
  }
}

function failed(reading: Reading, outcome: Outcome): TaskFailure {
  if (outcome.overflow !== undefined)
    return new TaskFailure(`could not read ${describe(reading)}: the answer exceeds ${shownOutputLimit}`)
  const reason = outcome.timedOut ? 'timed out' : `exit code ${outcome.code}`
  const said = outcome.stderr.trim() || outcome.stdout.trim() || 'no output'
  return new TaskFailure(`could not read ${describe(reading)} (${reason}): ${said}`)
}

function describe(reading: Reading): string {
  return `${reading.kind.name} ${reading.keys.map((key) => key.subject).join(', ')}`
}

import { TaskFailure, UserError } from '../../errors.ts'
import type { AnyKind, Key } from '../../state/definition/key.ts'
import type { Script } from '../../target/sh.ts'
import { shownOutputLimit } from '../../target/shell/output-limit.ts'
import type { Outcome } from '../../target/target.ts'

/** Seconds that reading may take; it only looks, but a dead mount can hold it. */
export const readTimeLimit = 120

/** Keys that some task wants, with the user who is to read them. */
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

/** One script for each kind, in the order in which the kinds are first met; every key once. */
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

/** The value of each key of the reading, from what its script printed. Throws TaskFailure when it failed. */
export function answersOf(reading: Reading, outcome: Outcome | undefined): [Key, unknown][] {
  if (outcome === undefined) throw new TaskFailure(`${describe(reading)} was not read`)
  if (outcome.code !== 0) throw failed(reading, outcome)
  const values = understood(reading, outcome.stdout)
  return reading.keys.map((key, index) => [key, values[index]])
}

/** A host that answers what no parser understands fails alone: the run goes on for the others. */
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
      `could not read ${describe(reading)}: the host gave an answer of an unknown form: ${message.slice(0, 1000)}`,
      { cause: error },
    )
  }
}

function failed(reading: Reading, outcome: Outcome): TaskFailure {
  if (outcome.overflow !== undefined)
    return new TaskFailure(`could not read ${describe(reading)}: the answer exceeds ${shownOutputLimit}`)
  const reason = outcome.timedOut ? 'it took too long' : `code ${outcome.code}`
  const said = outcome.stderr.trim() || outcome.stdout.trim() || 'it said nothing'
  return new TaskFailure(`could not read ${describe(reading)} (${reason}): ${said}`)
}

function describe(reading: Reading): string {
  return `${reading.kind.name} ${reading.keys.map((key) => key.subject).join(', ')}`
}

import { TaskFailure } from '../../errors.ts'
import type { Change } from '../../modules/definition/change.ts'
import type { Step } from '../../modules/definition/module.ts'
import type { Reads, Values } from '../../state/definition/key.ts'
import type { Write } from '../../state/definition/write.ts'
import { unknown } from '../../variables/not-known.ts'
import type { HostState } from '../machine/host-state.ts'
import { keysOf, lastSeen, stateOf, type Invocation, type InvocationState } from './invocation.ts'

/** A state that the machine may be in when the task runs, and the changes that the task would make then. */
interface PossibleState {
  readonly state: Values<Reads>
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
}

export type Verdict =
  | {
      readonly type: 'decided'
      readonly state: Values<Reads>
      readonly changes: readonly Change[]
      readonly steps: readonly Step[]
      /** Returns the module's result for a task that has nothing to change. */
      result(): Readonly<Record<string, unknown>>
    }
  | { readonly type: 'undecided'; readonly until: string; readonly writes: readonly Write[] }

/**
 * Decides which changes a task makes. In a real run the state is known. A dry run may know several possible states: it
 * decides if all of them lead to a change, or if none does. A state in which the task is impossible is ignored.
 * Throws TaskFailure if the task is impossible in the known state.
 */
export function decide(host: HostState, invocation: Invocation): Verdict {
  const known = stateOf(host, invocation)
  if (known.type === 'known') return decided(invocation, [possibleStateOf(invocation, known.state)], '')
  if (known.type === 'unknown') return guess(host, invocation, known)
  const possible = known.states.flatMap((state) => unlessImpossible(invocation, state) ?? [])
  if (new Set(possible.map((one) => one.changes.length > 0)).size === 1) {
    return decided(invocation, possible, known.until)
  }
  const writes =
    possible.length === 0
      ? writesToKeys(host, invocation, known.until)
      : writesOf(invocation, possible, known.until)
  return { type: 'undecided', until: known.until, writes }
}

function decided({ module, params }: Invocation, possible: readonly PossibleState[], until: string): Verdict {
  const [one] = possible
  if (one === undefined) throw new Error('no possible state')
  const result = (): Readonly<Record<string, unknown>> => {
    const answers = possible.map(
      ({ state }) => module.result?.({ params, state, changes: [], outputs: [] }) ?? {},
    )
    const [first = {}] = answers
    const agree = new Set(answers.map((answer) => JSON.stringify(answer))).size === 1
    return agree ? first : Object.fromEntries(Object.keys(first).map((name) => [name, unknown(until)]))
  }
  return { type: 'decided', ...one, result }
}

/** Guesses the writes of a task from the state that was last read. */
function guess(
  host: HostState,
  invocation: Invocation,
  { until }: Extract<InvocationState, { type: 'unknown' }>,
): Verdict {
  const seen = lastSeen(host, invocation)
  const one = seen === undefined ? undefined : unlessImpossible(invocation, seen)
  const writes =
    one === undefined || one.steps.length === 0
      ? writesToKeys(host, invocation, until)
      : one.steps.flatMap((step) => step.writes).map((write) => leftOpen(write, until))
  return { type: 'undecided', until, writes }
}

function possibleStateOf({ module, params }: Invocation, state: Values<Reads>): PossibleState {
  const changes = module.diff(state, params)
  return { state, changes, steps: changes.length === 0 ? [] : module.apply(changes, params, state) }
}

function unlessImpossible(invocation: Invocation, state: Values<Reads>): PossibleState | undefined {
  try {
    return possibleStateOf(invocation, state)
  } catch (error) {
    if (error instanceof TaskFailure) return undefined
    throw error
  }
}

/** Returns the things that the task writes in at least one possible state, with their possible values. */
function writesOf(invocation: Invocation, possible: readonly PossibleState[], until: string): Write[] {
  const all = possible.flatMap((one) => one.steps.flatMap((step) => step.writes))
  const written = new Map(all.map((write) => [identityOf(write), write]))
  return [...written].map(([identity, write]) => {
    if (write.type === 'scope') return { ...write, until }
    const values = possible.map((one) => valueIn(one, invocation, identity))
    const open = leftOpen(write, until)
    return values.includes(undefined) ? open : { ...open, values }
  })
}

/** Returns the value of the thing after the task, if this is the state before the task. */
function valueIn({ state, steps }: PossibleState, invocation: Invocation, identity: string): unknown {
  const write = steps.flatMap((step) => step.writes).findLast((one) => identityOf(one) === identity)
  if (write?.type === 'thing') return write.value
  for (const [name, read] of Object.entries(invocation.reads)) {
    const index = keysOf(read).findIndex((key) => `${key.kind.name} ${key.subject}` === identity)
    if (index < 0) continue
    const values: unknown = (state as Readonly<Record<string, unknown>>)[name]
    return Array.isArray(read) ? (values as readonly unknown[])[index] : values
  }
  return undefined
}

/** Assumes that a task writes everything it reads, except directories that exist. */
function writesToKeys(host: HostState, { keys, user }: Invocation, until: string): Write[] {
  return keys
    .filter((key) => !isStanding(host.lastSeen(user, key)))
    .map((key) => ({ type: 'thing', kind: key.kind.name, subject: key.subject, until }))
}

function isStanding(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'directory'
}

function leftOpen(write: Write, until: string): Write {
  if (write.type === 'scope') return { ...write, until }
  return { type: 'thing', kind: write.kind, subject: write.subject, until }
}

function identityOf(write: Write): string {
  return write.type === 'scope' ? write.scope : `${write.kind} ${write.subject}`
}

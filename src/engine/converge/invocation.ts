import type { AnyModule, Given } from '../../modules/definition/module.ts'
import type { Key, Reads, Values } from '../../state/definition/key.ts'
import type { HostState } from '../machine/host-state.ts'

/** A module with its parameters for one host and one item of a loop. */
export interface Invocation {
  readonly module: AnyModule
  readonly params: Given<unknown>
  readonly reads: Reads
  readonly keys: readonly Key[]
  /** The user to become; undefined means the login user. */
  readonly user: string | undefined
}

export function invocationOf(
  module: AnyModule,
  params: Given<unknown>,
  user: string | undefined,
): Invocation {
  const reads = module.reads(params)
  return { module, params, reads, keys: Object.values(reads).flatMap(keysOf), user }
}

export function keysOf(read: Reads[string]): readonly Key[] {
  if (read === undefined) return []
  return Array.isArray(read) ? (read as readonly Key[]) : [read as Key]
}

export type InvocationState =
  | { readonly type: 'known'; readonly state: Values<Reads> }
  /** The possible states, if a dry run cannot decide between them. */
  | { readonly type: 'open'; readonly states: readonly Values<Reads>[]; readonly until: string }
  | { readonly type: 'unknown'; readonly until: string }

/** The number of combinations beyond which a state counts as unknown. */
const mostStates = 500

/** Returns the values of the keys under their names, or why a dry run cannot know them. Throws for an unread key. */
export function stateOf(host: HostState, invocation: Invocation): InvocationState {
  return knownState(host, invocation) ?? possibleStates(host, invocation)
}

function knownState(host: HostState, { user, reads }: Invocation): InvocationState | undefined {
  const state: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(reads)) {
    const values: unknown[] = []
    for (const key of keysOf(read)) {
      const knowledge = host.lookUp(user, key)
      if (knowledge.type !== 'value') return undefined
      values.push(knowledge.value)
    }
    state[name] = Array.isArray(read) ? values : values[0]
  }
  return { type: 'known', state: state as Values<Reads> }
}

/** Returns the states of keys of which at least one has no single value. */
function possibleStates(host: HostState, invocation: Invocation): InvocationState {
  let states: Record<string, unknown>[] = [{}]
  let until = ''
  for (const [name, read] of Object.entries(invocation.reads)) {
    const several = Array.isArray(read)
    let lists: unknown[][] = [[]]
    for (const key of keysOf(read)) {
      const knowledge = host.lookUp(invocation.user, key)
      if (knowledge.type === 'unread') throw new Error(`${key.id} was not read`)
      if (knowledge.type === 'unknown') return knowledge
      if (knowledge.type === 'open' && until === '') until = knowledge.until
      const values = knowledge.type === 'open' ? knowledge.values : [knowledge.value]
      lists = lists.flatMap((list) => values.map((value) => [...list, value]))
    }
    states = states.flatMap((state) => lists.map((list) => ({ ...state, [name]: several ? list : list[0] })))
    if (states.length > mostStates) return { type: 'unknown', until }
  }
  return { type: 'open', states: states as unknown as readonly Values<Reads>[], until }
}

/** Returns the state as it was last read, without predictions; undefined if a key was never read. */
export function lastSeen(host: HostState, invocation: Invocation): Values<Reads> | undefined {
  const state: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(invocation.reads)) {
    const values = keysOf(read).map((key) => host.lastSeen(invocation.user, key))
    if (values.includes(undefined)) return undefined
    state[name] = Array.isArray(read) ? values : values[0]
  }
  return state as Values<Reads>
}

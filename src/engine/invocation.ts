import type { AnyModule, Given } from '../modules/module.ts'
import type { Key, Reads, Values } from '../state/key.ts'
import type { HostRun } from './host-run.ts'

/** A module with everything that one host, and one item of a loop, gives it. */
export interface Invocation {
  readonly module: AnyModule
  readonly params: Given<unknown>
  readonly reads: Reads
  /** All keys of reads. */
  readonly keys: readonly Key[]
  /** Who does it; without it, the user who is logged in. */
  readonly user: string | undefined
}

export function invocationOf(
  module: AnyModule,
  params: Given<unknown>,
  user: string | undefined,
): Invocation {
  const reads = module.reads(params)
  const keys = Object.values(reads).flatMap((read) =>
    read === undefined ? [] : Array.isArray(read) ? (read as readonly Key[]) : [read as Key],
  )
  return { module, params, reads, keys, user }
}

export type InvocationState =
  | { readonly type: 'known'; readonly state: Values<Reads> }
  | { readonly type: 'unknown'; readonly until: string }

/** The values of the keys under their names, or why a dry run cannot know one of them. All must have been read. */
export function stateOf(host: HostRun, invocation: Invocation): InvocationState {
  const state: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(invocation.reads)) {
    const keys = read === undefined ? [] : Array.isArray(read) ? (read as readonly Key[]) : [read as Key]
    const values: unknown[] = []
    for (const key of keys) {
      const knowledge = host.state.lookUp(invocation.user, key)
      if (knowledge.type === 'unread') throw new Error(`${key.id} was not read`)
      if (knowledge.type === 'unknown') return knowledge
      values.push(knowledge.value)
    }
    state[name] = Array.isArray(read) ? values : values[0]
  }
  return { type: 'known', state: state as Values<Reads> }
}

import * as z from 'zod'

import { TaskFailure } from '../../src/errors.ts'
import { debug } from '../../src/modules/debug.ts'
import { defineModule, type AnyAction, type AnyModule } from '../../src/modules/definition/module.ts'
import { fail } from '../../src/modules/fail.ts'
import { setFact } from '../../src/modules/set_fact.ts'
import type { Key } from '../../src/state/definition/key.ts'
import { defineKind } from '../../src/state/definition/kind.ts'
import { thing } from './fake-machine.ts'
import { scriptOf } from './fake-target.ts'

declare module '../../src/state/definition/write.ts' {
  interface KindValues {
    count: number
  }
}

/** The number of things; every write to a thing may change it. */
const count = defineKind<'count', object>({
  name: 'count',
  subject: () => 'things',
  read: () => scriptOf('count'),
  parse: (output, questions) => questions.map(() => Number(output)),
})

const name = z.string()

const set = defineModule<{ name: string; value: string }, { current: Key<string> }>({
  name: 'set',
  summary: 'Set a thing',
  params: z.object({ name, value: z.string() }),
  reads: (params) => ({ current: thing.key(params) }),
  diff: ({ current }, { value }) =>
    current === value ? [] : [{ field: 'value', before: current, after: value }],
  apply: (_, params) => [
    {
      script: scriptOf(`set ${params.name} ${params.value}`),
      writes: [thing.write(params, params.value)],
    },
  ],
  result: ({ state }) => ({ value: state.current }),
})

const remove = defineModule<{ name: string }, { current: Key<string> }>({
  name: 'remove',
  summary: 'Remove a thing',
  params: z.object({ name }),
  reads: (params) => ({ current: thing.key(params) }),
  diff: ({ current }) => (current === 'absent' ? [] : [{ field: 'value', before: current, after: 'absent' }]),
  apply: (_, params) => [
    { script: scriptOf(`remove ${params.name}`), writes: [thing.write(params, 'absent')] },
  ],
})

/** A module like command: it always changes, and its writes are unknown. */
const append = defineModule<{ name: string; value: string }, Record<string, never>>({
  name: 'append',
  summary: 'Append to a thing',
  params: z.object({ name, value: z.string() }),
  reads: () => ({}),
  diff: (_, { value }) => [{ field: 'command', before: undefined, after: value, transient: true }],
  apply: (_, { name, value }) => [
    {
      script: scriptOf(`append ${name} ${value}`),
      writes: [{ type: 'scope', scope: 'anything', until: `${value} is appended to ${name}` }],
    },
  ],
})

const look = defineModule<{ name: string }, { current: Key<string> }>({
  name: 'look',
  summary: 'Look at a thing',
  params: z.object({ name }),
  reads: (params) => ({ current: thing.key(params) }),
  diff: () => [],
  apply: () => [],
  result: ({ state }) => ({ value: state.current }),
})

const demand = defineModule<{ most: number }, { number: Key<number> }>({
  name: 'demand',
  summary: 'Fail where there are too many things',
  params: z.object({ most: z.number() }),
  reads: () => ({ number: count.key({}) }),
  diff: ({ number }, { most }) => {
    if (number > most) throw new TaskFailure(`there are ${number} things`)
    return []
  },
  apply: () => [],
})

/** Modules for the things of a fake target, and modules that need no target. */
export const fakeModules: ReadonlyMap<string, AnyModule | AnyAction> = new Map(
  [set, remove, append, look, demand, debug, fail, setFact].map((module) => [module.name, module]),
)

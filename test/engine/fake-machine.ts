import * as z from 'zod'

import type { ConvergeOptions } from '../../src/engine/converge/converge.ts'
import { invocationOf, type Invocation } from '../../src/engine/converge/invocation.ts'
import { Machine } from '../../src/engine/machine/machine.ts'
import { HostMemory, MemoryBudget } from '../../src/engine/machine/memory-budget.ts'
import type { Change } from '../../src/modules/definition/change.ts'
import { defineModule, type AnyModule, type Step } from '../../src/modules/definition/module.ts'
import type { Key } from '../../src/state/definition/key.ts'
import { defineKind } from '../../src/state/definition/kind.ts'
import type { Target } from '../../src/target/target.ts'
import { scriptOf } from './fake-target.ts'

declare module '../../src/state/definition/write.ts' {
  interface KindValues {
    thing: string
  }
}

/** A thing of a fake target: its value, or 'absent'. */
export const thing = defineKind<'thing', { readonly name: string }>({
  name: 'thing',
  subject: ({ name }) => name,
  read: (questions) => scriptOf(questions.map(({ name }) => `get ${name}`).join('\n')),
  parse: (output, questions) => {
    const values = output.split('\n')
    return questions.map((_, index) => values[index] ?? '')
  },
  dependsOn: { scopes: ['packages', 'services', 'anything'] },
})

export function machineOn(target: Target, options: { readonly lookAhead?: boolean } = {}): Machine {
  return new Machine({
    connect: () => Promise.resolve(target),
    signal: new AbortController().signal,
    lookAhead: options.lookAhead ?? true,
    memory: new HostMemory('web1', new MemoryBudget(1)),
  })
}

interface Wanted {
  readonly name: string
  readonly value: string
}

interface SetterOptions {
  /** Changes to its only step. */
  readonly step?: Partial<Step>
  readonly module?: Partial<AnyModule>
  readonly change?: Partial<Change>
}

/** A module that sets the value of a thing. */
export function setting(wanted: Wanted, options: SetterOptions = {}): Invocation {
  const module = defineModule<Wanted, { current: Key<string> }>({
    name: 'set',
    summary: 'Set a thing',
    params: z.object({ name: z.string(), value: z.string() }),
    reads: ({ name }) => ({ current: thing.key({ name }) }),
    diff: ({ current }, { value }) =>
      current === value ? [] : [{ field: 'value', before: current, after: value, ...options.change }],
    apply: (_, { name, value }) => [
      {
        script: scriptOf(`set ${name} ${value}`),
        writes: [thing.write({ name }, value)],
        ...options.step,
      },
    ],
    result: ({ state, changes }) => ({ value: state.current, changes: changes.length }),
  })
  return invocationOf({ ...module, ...options.module }, wanted as object, undefined)
}

/** The default options for converge. */
export function converging(options: Partial<ConvergeOptions> = {}): ConvergeOptions {
  return {
    check: false,
    ahead: () => [],
    note: () => undefined,
    environment: {},
    until: "'set' has run",
    harmless: false,
    onSteps: () => undefined,
    ...options,
  }
}

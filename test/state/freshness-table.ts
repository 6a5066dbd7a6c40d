import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { HostState } from '../../src/engine/machine/host-state.ts'
import type { Write } from '../../src/state/definition/write.ts'
import { type Example, examples, writes } from './freshness-examples.ts'

export const recordedTable = join(import.meta.dirname, 'freshness.json')

/** For each kind of question, the kinds and scopes whose writes may change an answer. */
export type FreshnessTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Counts the pairs in which a write voids an answer. A digest identifies the pairs and the predictions of a dry run. */
export function freshnessTable(): FreshnessTable {
  const byKind = new Map<string, Write[]>()
  for (const write of writes()) {
    const name = write.type === 'scope' ? write.scope : write.kind
    byKind.set(name, [...(byKind.get(name) ?? []), write])
  }
  return Object.fromEntries(
    examples.map((example) => {
      const cells = [...byKind].map(([name, written]) => [name, cellOf(example, written)] as const)
      return [example.kind.name, Object.fromEntries(cells.filter(([, cell]) => cell !== 'never'))]
    }),
  )
}

function cellOf(example: Example, written: readonly Write[]): string {
  const verdicts = written.flatMap((write) =>
    example.questions.flatMap((question) =>
      example.values.map((answer) => verdictOf(example, question, answer, write)),
    ),
  )
  const voided = verdicts.filter(({ isVoid }) => isVoid).length
  if (voided === 0) return 'never'
  const digest = createHash('sha256').update(JSON.stringify(verdicts)).digest('hex').slice(0, 8)
  return voided === verdicts.length ? `always (${digest})` : `${voided} of ${verdicts.length} (${digest})`
}

function verdictOf({ kind }: Example, question: unknown, answer: unknown, write: Write) {
  const key = kind.key(question)
  const state = new HostState()
  state.know(undefined, key, answer)
  state.predict([write])
  const expected = state.lookUp(undefined, key)
  // The text of messages is not part of the rules.
  return { isVoid: state.forget([write]) === 1, expected: { ...expected, until: undefined } }
}

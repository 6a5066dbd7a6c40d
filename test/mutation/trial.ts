import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { ImportGraph } from '../structure/import-graph.ts'
import { reachedFrom, type FileExecution } from './executed-tests.ts'
import type { Workplace } from './isolated.ts'
import { applyTo, type Mutation } from './mutation.ts'
import { runTests } from './run-tests.ts'
import { layerWith } from './snapshot.ts'
import type { Executed, Selection } from './test-process.ts'

export type Verdict =
  | { readonly type: 'caught'; readonly by: string }
  /** The number of tests that ran and passed. */
  | { readonly type: 'survived'; readonly tests: number }
  | { readonly type: 'timed out' }

/** The milliseconds of tests that a mutant must pass to survive; the closest tests run first. */
const mostTests = 60_000
/** The number of test files that are loaded first: most mutants fail in them. */
const firstFiles = 3

/** Runs the tests that execute the place of a mutation against it. */
export async function tryMutation(
  place: Workplace,
  mutation: Mutation,
  graph: ImportGraph,
  executions: readonly FileExecution[],
): Promise<Verdict> {
  const selections = selectionsFor(mutation, graph, executions)
  const source = readFileSync(join(place.snapshot, mutation.file), 'utf8')
  const layer = layerWith(place, new Map([[mutation.file, applyTo(source, mutation)]]))
  let tests = 0
  try {
    for (const part of [selections.slice(0, firstFiles), selections.slice(firstFiles)]) {
      if (part.length === 0) continue
      const ended = await runTests(place, layer, part, 30_000 + 5 * durationOf(part))
      if (ended.type === 'timed out') return { type: 'timed out' }
      if (ended.type === 'failed') return { type: 'caught', by: ended.failure }
      tests += ended.messages.filter((message) => message.type === 'test' && message.passed).length
    }
  } finally {
    rmSync(layer, { recursive: true })
  }
  return { type: 'survived', tests }
}

function selectionsFor(
  { file, anchor }: Mutation,
  graph: ImportGraph,
  executions: readonly FileExecution[],
): Selection[] {
  const candidates = executions
    .map((execution) => ({
      execution,
      tests: holds(execution.outside, file, anchor)
        ? execution.tests
        : execution.tests.filter(({ executed }) => holds(executed, file, anchor)),
      distance: reachedFrom(graph, execution.file).get(file) ?? Infinity,
    }))
    .filter(({ tests }) => tests.length > 0)
    .sort((one, other) => one.distance - other.distance || timeOf(one.tests) - timeOf(other.tests))
  const selections: Selection[] = []
  let left = mostTests
  for (const { execution, tests } of candidates) {
    const chosen = tests
      .toSorted((one, other) => one.duration - other.duration)
      .filter(({ duration }) => (left -= duration) > 0)
    if (chosen.length === 0) break
    selections.push({
      file: execution.file,
      titles: chosen.map(({ title }) => title),
      durations: Object.fromEntries(chosen.map(({ title, duration }) => [title, duration])),
    })
  }
  return selections
}

function holds(executed: Executed, file: string, anchor: number): boolean {
  return executed[file]?.includes(anchor) === true
}

function timeOf(tests: readonly { readonly duration: number }[]): number {
  return tests.reduce((sum, { duration }) => sum + duration, 0)
}

function durationOf(selections: readonly Selection[]): number {
  return selections
    .flatMap(({ durations = {} }) => Object.values(durations))
    .reduce((sum, duration) => sum + duration, 0)
}

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

import type { ImportGraph } from '../structure/import-graph.ts'
import { counted } from './anchors.ts'
import type { Workplace } from './isolated.ts'
import { areaOf, cacheFile } from './places.ts'
import { runTests, type Ended } from './run-tests.ts'
import { layerWith } from './snapshot.ts'
import type { Executed } from './test-process.ts'

/** The time limit for all tests of one file, in milliseconds. */
const fileTimeLimit = 600_000

/** The anchors that one test executes. */
export interface TestExecution {
  readonly title: string
  /** Milliseconds. */
  readonly duration: number
  readonly executed: Executed
}

export interface FileExecution {
  readonly file: string
  /** The tests that pass without a mutation. */
  readonly tests: readonly TestExecution[]
  /** The anchors that are executed by loading the file and by its shared hooks. */
  readonly outside: Executed
}

/** The execution of a file as it was measured. */
interface Measured {
  readonly execution: FileExecution
  /** False if tests failed or were skipped: they may pass in the next run, although no file has changed. */
  readonly isComplete: boolean
}

/** Runs every test file that can reach one of these sources, unless neither it nor what it reaches has changed since the last run. */
export async function executionsOf(
  place: Workplace,
  graph: ImportGraph,
  sources: ReadonlySet<string>,
  onProgress: (text: string) => void,
): Promise<FileExecution[]> {
  const known = existsSync(cacheFile)
    ? (JSON.parse(readFileSync(cacheFile, 'utf8')) as Record<string, FileExecution>)
    : {}
  const layer = countedLayer(place, graph)
  const starts = [...sources].flatMap((source) => areaOf(source)?.tests ?? [])
  const wanted = [...graph.keys()].filter(
    (file) => file.endsWith('.test.ts') && starts.some((start) => file.startsWith(start)),
  )
  const executions: FileExecution[] = []
  for (const file of wanted) {
    const reached = reachedFrom(graph, file)
    if (![...sources].some((source) => reached.has(source))) continue
    const digest = digestOf(place, [...reached.keys()])
    const { execution, isComplete } = await executionOf(file, digest)
    onProgress(
      `${file}: ${execution.tests.length} tests${isComplete ? '' : ' (others failed or were skipped)'}`,
    )
    executions.push(execution)
    if (!isComplete) continue
    known[digest] = execution
    save(known)
  }
  return executions

  async function executionOf(file: string, digest: string): Promise<Measured> {
    const execution = known[digest]
    return execution === undefined ? measure(place, layer, file) : { execution, isComplete: true }
  }
}

/** Returns every file that a file reaches by imports, with the number of imports between them. */
export function reachedFrom(graph: ImportGraph, file: string): ReadonlyMap<string, number> {
  const distances = new Map([[file, 0]])
  for (const [reached, distance] of distances)
    for (const imported of graph.get(reached) ?? [])
      if (!distances.has(imported)) distances.set(imported, distance + 1)
  return distances
}

export function countedLayer(place: Workplace, graph: ImportGraph): string {
  const files = [...graph.keys()].filter((file) => areaOf(file) !== undefined)
  return layerWith(place, new Map(files.map((file) => [file, counted(parse(place, file), file)])))
}

export function parse(place: Workplace, file: string): ts.SourceFile {
  const text = readFileSync(join(place.snapshot, file), 'utf8')
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

async function measure(place: Workplace, layer: string, file: string): Promise<Measured> {
  const ended = await runTests(place, layer, [{ file }], fileTimeLimit)
  if (ended.type === 'timed out') throw new Error(`${file} took more than ${fileTimeLimit / 1000} seconds`)
  if (ended.type === 'failed') process.stderr.write(`${file} fails without a mutant: ${ended.failure}\n`)
  return measuredIn(file, ended)
}

export function measuredIn(
  file: string,
  { type, messages }: Exclude<Ended, { type: 'timed out' }>,
): Measured {
  const tests: TestExecution[] = []
  let outside: Executed = {}
  let isComplete = type === 'passed'
  for (const message of messages)
    if (message.type === 'end') {
      outside = message.executed
      isComplete &&= message.skipped === 0
    } else if (message.passed) tests.push(message)
  return { execution: { file, tests, outside }, isComplete }
}

function digestOf(place: Workplace, files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const path = join(place.snapshot, file)
    hash.update(`${file}\0${existsSync(path) ? readFileSync(path, 'utf8') : ''}\0`)
  }
  return hash.digest('hex')
}

function save(executions: Readonly<Record<string, FileExecution>>): void {
  mkdirSync(dirname(cacheFile), { recursive: true })
  writeFileSync(cacheFile, JSON.stringify(executions))
}

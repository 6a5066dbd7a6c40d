import { relative } from 'node:path'
import Mocha from 'mocha'

import { projectFolder } from './places.ts'

/** The tests to run; all tests of a file if none is named. */
export interface Selection {
  readonly file: string
  readonly titles?: readonly string[]
  /** The milliseconds that each test took, by title. */
  readonly durations?: Readonly<Record<string, number>>
}

/** The executed anchors, by file. */
export type Executed = Readonly<Record<string, readonly number[]>>

export type Message =
  | {
      readonly type: 'test'
      readonly title: string
      readonly duration: number
      readonly passed: boolean
      readonly executed: Executed
    }
  | {
      readonly type: 'end'
      readonly failure?: string
      /** The number of tests that did not run, for example because a program is not installed. */
      readonly skipped: number
      /** The anchors that were executed outside all tests. */
      readonly executed: Executed
    }

declare global {
  var reportExecuted: ((file: string, anchor: number) => void) | undefined
}

/** The anchors that are being executed, by file. */
class Executions {
  readonly #anchors = new Map<string, Set<number>>()

  add(file: string, anchor: number): void {
    const ofFile = this.#anchors.get(file) ?? new Set<number>()
    this.#anchors.set(file, ofFile.add(anchor))
  }

  get all(): Executed {
    return Object.fromEntries([...this.#anchors].map(([file, anchors]) => [file, [...anchors]]))
  }
}

/** The output of tests is ignored. */
class Quiet extends Mocha.reporters.Base {}

const outside = new Executions()
let present = outside
globalThis.reportExecuted = (file, anchor) => {
  present.add(file, anchor)
}

// the parent process has ended
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (selections) => {
  void run(selections as Selection[])
})

async function run(selections: readonly Selection[]): Promise<void> {
  const bail = selections.some(({ durations }) => durations !== undefined)
  const mocha = new Mocha({ bail, timeout: 30_000, reporter: Quiet, rootHooks: { beforeEach, afterEach } })
  for (const { file } of selections) mocha.addFile(file)
  try {
    await mocha.loadFilesAsync()
  } catch (error) {
    finish(String(error))
    return
  }
  const byFile = new Map(selections.map((selection) => [selection.file, selection]))
  select(mocha.suite, byFile)
  let failure: string | undefined
  let skipped = 0
  const runner = mocha.run(() => {
    finish(failure, skipped)
  })
  runner.on('pending', () => (skipped += 1))
  runner.on('fail', (test, error: Error) => {
    failure ??= `${test.fullTitle()}: ${error.message}`
  })
}

/** Keeps only the selected tests, each with the time that it needs. */
function select(suite: Mocha.Suite, byFile: ReadonlyMap<string, Selection>): void {
  suite.tests = suite.tests.filter((test) => {
    const selection = byFile.get(fileOf(test))
    const duration = selection?.durations?.[test.fullTitle()]
    if (duration !== undefined) test.timeout(5000 + 10 * duration)
    return selection?.titles?.includes(test.fullTitle()) ?? true
  })
  for (const inner of suite.suites) select(inner, byFile)
}

function fileOf({ file }: Mocha.Runnable): string {
  return file === undefined ? '' : relative(projectFolder, file)
}

function beforeEach(): void {
  present = new Executions()
}

function afterEach(this: Mocha.Context): void {
  const test = this.currentTest
  if (test !== undefined)
    tell({
      type: 'test',
      title: test.fullTitle(),
      duration: test.duration ?? 0,
      passed: test.state === 'passed',
      executed: present.all,
    })
  present = outside
}

function finish(failure: string | undefined, skipped = 0): void {
  tell({ type: 'end', executed: outside.all, skipped, ...(failure === undefined ? {} : { failure }) })
}

function tell(message: Message): void {
  process.send?.(message)
}

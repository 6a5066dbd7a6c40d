import { SyntaxProblem } from './syntax-problem.ts'

/** The seconds of CPU time that an expression or template may use, without the variables that it reads. */
const timeLimit = 0.7

/** The number of rounds of loops and calls of functions between two looks at the clock. */
const interval = 100

/** The error if an expression or template runs for too long. */
export class EndlessCode extends SyntaxProblem {
  override name = 'EndlessCode'

  constructor(offset: number) {
    super(
      `the code did not end within ${timeLimit} seconds of CPU time`,
      offset,
      'correct the condition that ends the loop or the recursion',
    )
  }
}

/** Measures one evaluation. */
export class Stopwatch {
  #ticks = 0
  #started: number | undefined

  /** Throws EndlessCode if the time is over. */
  tick(offset: number): void {
    this.#ticks += 1
    if (this.#ticks % interval !== 0) return
    const used = cpuSeconds()
    this.#started ??= used
    if (used - this.#started > timeLimit) throw new EndlessCode(offset)
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

import pLimit from 'p-limit'

import type { Reach } from '../../playbook/playbook.ts'
import type { Key } from '../../state/definition/key.ts'
import type { Write } from '../../state/definition/write.ts'
import type { Script } from '../../target/sh.ts'
import type { Outcome, Target } from '../../target/target.ts'
import { combineScripts } from './combined-script.ts'
import { detached } from './detached.ts'
import { HostState } from './host-state.ts'
import { Leases } from './leases.ts'
import type { HostMemory } from './memory-budget.ts'
import { memorySize } from './memory-size.ts'
import { answersOf, readingsOf, readTimeLimit, type Reading, type ReadRequest } from './read-request.ts'

/** Bytes of answers beyond which what was read before is read again when it is needed. */
const keptAnswers = 16 * 1024 * 1024

/** Characters of an answer that is not kept for the sake of a few words in it. */
const longAnswer = 1024 * 1024

/** How many tasks ahead are read again after something was invalidated. */
const restartedWindow = 4

/** Where work is done during one run: the connection, what is known of the machine, and what the run holds there. */
export class Machine {
  /** What the run holds on the machine. */
  readonly leases = new Leases(async (user, scripts, options) => {
    const target = await this.connection()
    return target.run({ scripts, beside: true, ...options, ...(user === undefined ? {} : { user }) })
  })
  /**
   * Lets one piece of work at a time decide on what is known of the machine and act on it: what another one reads or
   * writes meanwhile would make the decision wrong.
   */
  readonly inTurn = pLimit(1)
  /** How many tasks ahead are read with the next batch. */
  window: number
  readonly #widest: number
  readonly #connect: (reach: Reach) => Promise<Target>
  readonly #signal: AbortSignal
  readonly #memory: HostMemory
  /** A play may work on the controller in the place of the host: what is known of one is not true of the other. */
  readonly #states = new Map<Reach['connection'], HostState>()
  #reach: Reach = {}
  #target: Promise<Target> | undefined

  constructor(options: {
    connect: (reach: Reach) => Promise<Target>
    signal: AbortSignal
    lookAhead: boolean
    memory: HostMemory
  }) {
    this.#connect = options.connect
    this.#signal = options.signal
    this.#memory = options.memory
    this.#widest = options.lookAhead ? Infinity : 0
    this.window = this.#widest
  }

  /** What is known of the machine that the present play works on. */
  get state(): HostState {
    const { connection } = this.#reach
    const state = this.#states.get(connection) ?? new HostState()
    this.#states.set(connection, state)
    return state
  }

  /** Connects, once; the promise is kept, so that an early start and the first task share it. */
  connection(): Promise<Target> {
    this.#target ??= this.#connect(this.#reach)
    return this.#target
  }

  /**
   * Stays connected when the play reaches the machine as the one before did. Returns whether the play works on the
   * controller and the one before did not, or the other way round.
   */
  async goTo(reach: Reach): Promise<boolean> {
    const { connection, user } = this.#reach
    if (connection === reach.connection && user === reach.user) return false
    await this.reconnect()
    this.#reach = reach
    return connection !== reach.connection
  }

  async close(): Promise<void> {
    const target = await this.#target?.catch(() => undefined)
    await target?.close()
  }

  /** Closes the connection; the next task opens another one, and nothing that was read counts any more. */
  async reconnect(): Promise<void> {
    await this.close()
    this.#target = undefined
    this.state.forgetEverything()
  }

  async run(
    user: string | undefined,
    scripts: readonly Script[],
    options: { timeLimit: number; guard?: Script | undefined },
  ): Promise<readonly Outcome[]> {
    const target = await this.connection()
    const { timeLimit, guard } = options
    const guarded = guard === undefined ? {} : { guard }
    return target.run(
      { scripts, timeLimit, ...guarded, ...(user === undefined ? {} : { user }) },
      this.#signal,
    )
  }

  /** Reads what is needed, and what is wanted ahead with it in the same round trip. Throws when a needed key can't be read. */
  async read(needed: ReadRequest, ahead: readonly ReadRequest[]): Promise<void> {
    if (this.state.size > keptAnswers) this.state.forgetEverything()
    const users = new Set([needed.user, ...ahead.map((request) => request.user)])
    const failures = await Promise.all(
      [...users].map((user) => {
        const requests = [needed, ...ahead].filter((request) => request.user === user)
        return this.#readAll(
          user,
          requests.flatMap((request) => this.missing(request)),
        )
      }),
    )
    const left = this.missing(needed)
    if (left.length === 0) return
    // What was wanted ahead may have spoilt the script that it shared: the needed keys are read alone.
    const own = ahead.length === 0 ? failures.flat() : await this.#readAll(needed.user, left)
    if (own.length > 0) throw own[0] as Error
  }

  missing(request: ReadRequest): Key[] {
    return request.keys.filter((key) => this.state.lookUp(request.user, key).type === 'unread')
  }

  /** Drops what these writes may have made untrue, and looks less far ahead when that was anything. */
  invalidate(writes: readonly Write[]): void {
    if (this.state.forget(writes) > 0) this.window = Math.min(restartedWindow, this.#widest)
  }

  widenWindow(): void {
    this.window = Math.min(this.window * 2, this.#widest)
  }

  /** Takes in what the scripts of the readings printed. Returns why some could not be understood or kept. */
  learn(user: string | undefined, readings: readonly Reading[], outcomes: readonly Outcome[]): unknown[] {
    const failures: unknown[] = []
    const isLong = sum(outcomes.map(({ stdout }) => stdout.length)) > longAnswer
    readings.forEach((reading, index) => {
      try {
        const answers = answersOf(reading, outcomes[index])
        this.#remember(user, isLong ? answers.map(([key, value]) => [key, detached(value)]) : answers)
      } catch (failure) {
        failures.push(failure)
      }
    })
    return failures
  }

  #remember(user: string | undefined, answers: readonly [Key, unknown][]): void {
    const sizes = answers.map(([, value]) => memorySize(value))
    const known = [...this.#states.values()].map(({ size }) => size)
    this.#memory.hold('what was read', sum([...known, ...sizes]))
    answers.forEach(([key, value], index) => {
      this.state.know(user, key, value, sizes[index])
    })
  }

  async #readAll(user: string | undefined, keys: readonly Key[]): Promise<unknown[]> {
    const readings = readingsOf(keys)
    if (readings.length === 0) return []
    const combined = combineScripts(readings.map((reading) => reading.script))
    const [outcome] = await this.run(user, [combined.script], { timeLimit: readTimeLimit })
    const outcomes = outcome === undefined ? [] : combined.outcomesOf(outcome)
    return this.learn(user, readings, outcomes)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

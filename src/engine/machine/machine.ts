import pLimit from 'p-limit'

import type { Reach } from '../../playbook/playbook.ts'
import { isSeenByOthers, type Key } from '../../state/definition/key.ts'
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

/** The bytes of answers beyond which all answers are dropped, and read again if needed. */
const keptAnswers = 16 * 1024 * 1024

/** The length of output beyond which answers are copied, so that the output does not stay in memory. */
const longAnswer = 1024 * 1024

/** The window after a change that made answers stale. */
const restartedWindow = 4

/** The machine of a host during a run: its connection, answers and leases. */
export class Machine {
  readonly leases = new Leases(async (user, scripts, options) => {
    const target = await this.connection()
    return target.run({ scripts, beside: true, ...options, ...(user === undefined ? {} : { user }) })
  })
  /**
   * Runs one piece of work at a time. Concurrent reads or writes would make a decision wrong that is based on the state
   * of the machine.
   */
  readonly inTurn = pLimit(1)
  /** The number of tasks that the next batch reads ahead. */
  window: number
  readonly #widest: number
  readonly #connect: (reach: Reach) => Promise<Target>
  readonly #signal: AbortSignal
  readonly #memory: HostMemory
  /** By connection, because a play may work on the controller instead of the host. */
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

  /** The state of the machine that the current play works on. */
  get state(): HostState {
    const { connection } = this.#reach
    const state = this.#states.get(connection) ?? new HostState()
    this.#states.set(connection, state)
    return state
  }

  /** Connects once; all callers share the connection. */
  connection(): Promise<Target> {
    this.#target ??= this.#connect(this.#reach)
    return this.#target
  }

  /**
   * Reconnects unless the play reaches the machine in the same way as the previous play. Returns true if only one of
   * the two plays works on the controller.
   */
  async switchConnection(reach: Reach): Promise<boolean> {
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

  /** Closes the connection and drops all answers; the next task opens a new connection. */
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

  /** Reads the needed keys and those of later tasks in one round trip. Throws if a needed key cannot be read. */
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
    // A read for a later task may have made the shared script fail: the needed keys are read alone, except requests.
    const isFinal = ahead.length === 0 || left.some(isSeenByOthers)
    const own = isFinal ? failures.flat() : await this.#readAll(needed.user, left)
    if (own.length > 0) throw own[0] as Error
  }

  missing(request: ReadRequest): Key[] {
    return request.keys.filter((key) => this.state.lookUp(request.user, key).type === 'unread')
  }

  /** Returns the request without the answers that the next change will probably make stale. */
  lasting({ user, keys }: ReadRequest): ReadRequest {
    return { user, keys: keys.filter((key) => !this.state.isShortLived(key)) }
  }

  /** Drops the answers that these writes may have made stale, and restarts the window if there are any. */
  invalidate(writes: readonly Write[]): void {
    if (this.state.forget(writes) > 0) this.window = Math.min(restartedWindow, this.#widest)
  }

  widenWindow(): void {
    this.window = Math.min(this.window * 2, this.#widest)
  }

  /** Stores the answers that the scripts printed. Returns an error for each one that could not be parsed or stored. */
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
    this.#memory.hold('answers', sum([...known, ...sizes]))
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

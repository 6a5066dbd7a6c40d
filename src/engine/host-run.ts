import { ExitCode } from '../errors.ts'
import type { Handler, Play, Reach, Task } from '../playbook/playbook.ts'
import { facts } from '../state/facts.ts'
import { factsLayer } from '../variables/facts.ts'
import type { Key, Write } from '../state/key.ts'
import type { Script } from '../target/sh.ts'
import type { Outcome, Target } from '../target/target.ts'
import type { HostCounts } from './event.ts'
import { HostState } from './host-state.ts'
import { Leases } from './leases.ts'
import type { HostVariables } from './host-variables.ts'
import type { Pass } from './prepare.ts'
import type { Named } from './task-event.ts'
import { readTogether } from './read-together.ts'
import { answersOf, readingsOf, type Reading, type Wish } from './reader.ts'
import type { Roster } from './roster.ts'

/** Whether a handler will run for certain, or only if an unknown change turns out to be one. */
export type Notice = 'certain' | 'possible'

export type HostStatus = 'active' | 'failed' | 'unreachable' | 'ended'

/** Seconds that reading may take; it only looks, but a dead mount can hold it. */
export const readTimeLimit = 120

/** How many tasks ahead are read again after something was invalidated. */
const restartedWindow = 4

const factsKey = facts.key({})

/** The facts of a host, as the user who is logged in sees them. */
export const factsWish: Wish = { user: undefined, keys: [factsKey] }

/** One host during one run: its connection, its state, its variables, its counts. */
export class HostRun {
  readonly name: string
  readonly variables: HostVariables
  readonly counts: HostCounts = {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unknown: 0,
  }
  /** In a play, what will run at the next flush. */
  readonly notified = new Map<Handler, Notice>()
  /** Tasks that were rendered already, and with which variables. */
  readonly prepared = new Map<Task, { version: number; passes: readonly Pass[] }>()
  /** What the run holds on the host. */
  readonly leases = new Leases(async (user, scripts, options) => {
    const target = await this.connection()
    return target.run({ scripts, beside: true, ...options, ...(user === undefined ? {} : { user }) })
  })
  /** What the run ends with, as far as this host is concerned. */
  exitCode: ExitCode = ExitCode.done
  /** How many tasks ahead are read with the next batch. */
  window: number
  #status: HostStatus = 'active'
  readonly #roster: Roster
  readonly #widest: number
  readonly #connect: (reach: Reach) => Promise<Target>
  readonly #signal: AbortSignal
  /** A play may work on the controller in the place of the host: what is known of one is not true of the other. */
  readonly #states = new Map<Reach['connection'], HostState>()
  #reach: Reach = {}
  #target: Promise<Target> | undefined

  constructor(
    name: string,
    variables: HostVariables,
    options: {
      roster: Roster
      connect: (reach: Reach) => Promise<Target>
      signal: AbortSignal
      lookAhead: boolean
    },
  ) {
    this.name = name
    this.variables = variables
    this.#roster = options.roster
    this.#connect = options.connect
    this.#signal = options.signal
    this.#widest = options.lookAhead ? Infinity : 0
    this.window = this.#widest
  }

  get status(): HostStatus {
    return this.#status
  }

  /** Every host sees in its variables who of the play has not failed. */
  set status(status: HostStatus) {
    if (status === this.#status) return
    this.#status = status
    this.#roster.changed()
  }

  /** Another host of the run. */
  peer(name: string): HostRun | undefined {
    return this.#roster.host(name)
  }

  /** What is known of the machine that the present play works on. */
  get state(): HostState {
    const { connection } = this.#reach
    const state = this.#states.get(connection) ?? new HostState()
    this.#states.set(connection, state)
    return state
  }

  /** Forgets what only concerned an earlier play, and starts to connect. */
  async beginPlay(play: Play): Promise<void> {
    this.notified.clear()
    this.variables.beginPlay(play)
    await this.#goTo(play.reach)
    // Whoever needs the connection meets the failure; until then nobody listens.
    this.connection().catch(() => undefined)
  }

  /** Connects, once; the promise is kept, so that an early start and the first task share it. */
  connection(): Promise<Target> {
    this.#target ??= this.#connect(this.#reach)
    return this.#target
  }

  /** Stays connected when the play reaches the host as the one before did. */
  async #goTo(reach: Reach): Promise<void> {
    const { connection, user } = this.#reach
    if (connection === reach.connection && user === reach.user) return
    await this.reconnect()
    if (connection !== reach.connection) this.variables.forgetFacts()
    this.#reach = reach
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

  /** One script tells everything about the machine; what is wanted ahead travels with it. */
  async gatherFacts(ahead: readonly Wish[]): Promise<void> {
    await this.read(factsWish, ahead)
    // What a dry run predicted says nothing about facts: they are those of the host as it is.
    const facts = this.state.lastSeen(factsWish.user, factsKey)
    this.variables.learnFacts(factsLayer(facts as Readonly<Record<string, unknown>>))
  }

  forgetFacts(): void {
    this.state.forgetAnswers(factsWish)
    this.variables.forgetFacts()
  }

  /** @param exitCode with what the run ends because of it */
  fail(task: Named, result: unknown, exitCode: ExitCode): void {
    this.status = 'failed'
    this.exitCode = exitCode
    this.variables.noteFailure({ name: task.name, action: task.module.name }, result)
  }

  /** The host takes part again, whatever put it out. */
  async comeBack(): Promise<void> {
    if (this.status === 'unreachable') await this.reconnect()
    this.status = 'active'
  }

  /** A rescue takes the failure on itself. */
  rescue(): void {
    this.status = 'active'
    this.exitCode = ExitCode.done
    this.counts.failed -= 1
    this.counts.rescued += 1
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
  async read(needed: Wish, ahead: readonly Wish[]): Promise<void> {
    const users = new Set([needed.user, ...ahead.map((wish) => wish.user)])
    const failures = await Promise.all(
      [...users].map((user) => {
        const wishes = [needed, ...ahead].filter((wish) => wish.user === user)
        return this.#readAll(
          user,
          wishes.flatMap((wish) => this.missing(wish)),
        )
      }),
    )
    const left = this.missing(needed)
    if (left.length === 0) return
    // What was wanted ahead may have spoilt the script that it shared: the needed keys are read alone.
    const own = ahead.length === 0 ? failures.flat() : await this.#readAll(needed.user, left)
    if (own.length > 0) throw own[0] as Error
  }

  missing(wish: Wish): Key[] {
    return wish.keys.filter((key) => this.state.lookUp(wish.user, key).type === 'unread')
  }

  /** Drops what these writes may have made untrue, and looks less far ahead when that was anything. */
  invalidate(writes: readonly Write[]): void {
    if (this.state.forget(writes) > 0) this.window = Math.min(restartedWindow, this.#widest)
  }

  widenWindow(): void {
    this.window = Math.min(this.window * 2, this.#widest)
  }

  /** Takes in what the scripts of the readings printed. Returns why some could not be understood. */
  learn(user: string | undefined, readings: readonly Reading[], outcomes: readonly Outcome[]): unknown[] {
    const failures: unknown[] = []
    readings.forEach((reading, index) => {
      try {
        for (const [key, value] of answersOf(reading, outcomes[index])) this.state.know(user, key, value)
      } catch (failure) {
        failures.push(failure)
      }
    })
    return failures
  }

  async #readAll(user: string | undefined, keys: readonly Key[]): Promise<unknown[]> {
    const readings = readingsOf(keys)
    if (readings.length === 0) return []
    const together = readTogether(readings.map((reading) => reading.script))
    const [outcome] = await this.run(user, [together.script], { timeLimit: readTimeLimit })
    const outcomes = outcome === undefined ? [] : together.outcomesOf(outcome)
    return this.learn(user, readings, outcomes)
  }
}

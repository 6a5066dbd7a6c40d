import { TaskFailure } from '../../errors.ts'
import type { Change } from '../../modules/definition/change.ts'
import type { Step } from '../../modules/definition/module.ts'
import { isMomentary, type Reads, type Values } from '../../state/definition/key.ts'
import { unknown } from '../../variables/not-known.ts'
import { combineScripts } from '../machine/combined-script.ts'
import type { Machine } from '../machine/machine.ts'
import { readingsOf, readTimeLimit, type ReadRequest } from '../machine/read-request.ts'
import type { Convergence } from './convergence.ts'
import { interference, removeNotes, withEarlier, type StaleAttempt } from './interference.ts'
import { stateOf, type Invocation } from './invocation.ts'
import type { Note } from './note.ts'
import { failureAmong, outputsOf, partsOf, proofOf } from './part.ts'
import { decide, type Verdict } from './possible-states.ts'

/** The time limit of a step without its own, in seconds. */
const stepTimeLimit = 1800

export interface ConvergeOptions {
  readonly check: boolean
  /** Returns the reads of later tasks, to be sent in the same batch. */
  ahead(): readonly ReadRequest[]
  /** Returns the note that is written before the first step, in the same batch if the note is for the same machine. */
  note(): Note | undefined
  readonly environment: Readonly<Record<string, string>>
  /** The event that makes the result of the task known, such as "'Install nginx' has run". */
  readonly until: string
  /** True if the playbook declares that the task changes nothing: `changed_when: false`. */
  readonly harmless: boolean
  /** The task's own time limit, in seconds. */
  readonly timeLimit?: number
  onSteps(steps: readonly Step[]): void
}

/** Brings a machine into the state that an invocation of a module describes: read, compare, change, read again. */
export function converge(
  machine: Machine,
  invocation: Invocation,
  run: ConvergeOptions,
): Promise<Convergence> {
  return machine.inTurn(() => convergeNow(machine, invocation, run))
}

/** How often a task is decided again because the host was not as it was read. */
const mostRetries = 3

async function convergeNow(
  machine: Machine,
  invocation: Invocation,
  run: ConvergeOptions,
): Promise<Convergence> {
  const stale: StaleAttempt[] = []
  let changed = false
  try {
    for (;;) {
      const attempt = await attemptNow(machine, invocation, run)
      if (attempt.type !== 'stale') {
        const done = withEarlier(attempt, stale)
        changed = done.type !== 'unknown' && done.changed
        return done
      }
      stale.push(attempt)
      if (stale.length > mostRetries) throw await interference(machine, invocation, stale)
      machine.state.forgetAnswers(invocation)
    }
  } finally {
    if (!changed && stale.every(({ changes }) => changes.length === 0)) await removeNotes(stale)
  }
}

async function attemptNow(
  machine: Machine,
  invocation: Invocation,
  run: ConvergeOptions,
): Promise<Convergence | StaleAttempt> {
  const { module } = invocation
  const verdict = await decideFreshly(machine, invocation, run)
  if (verdict.type === 'undecided') {
    if (module.observes !== true) machine.state.predict(verdict.writes)
    return { type: 'unknown', until: verdict.until }
  }
  const { state, changes, steps } = verdict
  if (changes.length === 0) {
    return { type: 'done', changed: false, changes, effects: [], result: verdict.result() }
  }
  run.onSteps(steps)
  return run.check
    ? predict(machine, invocation, changes, steps, run)
    : apply(machine, invocation, state, changes, steps, run)
}

/** Decides with answers that may have been read for an earlier task. Reads again before such an answer fails the task. */
async function decideFreshly(
  machine: Machine,
  invocation: Invocation,
  run: ConvergeOptions,
): Promise<Verdict> {
  const { user, keys } = invocation
  const lasting = keys.filter((key) => !isMomentary(key))
  machine.state.forgetAnswers({ user, keys: keys.filter(isMomentary) })
  const isFresh = lasting.every((key) => machine.missing({ user, keys: [key] }).length > 0)
  await readMissing(machine, invocation, run)
  try {
    return decide(machine.state, invocation)
  } catch (error) {
    if (!(error instanceof TaskFailure) || run.check || isFresh) throw error
    machine.state.forgetAnswers({ user, keys: lasting })
    await readMissing(machine, invocation, run)
    return decide(machine.state, invocation)
  }
}

async function readMissing(machine: Machine, request: ReadRequest, run: ConvergeOptions): Promise<void> {
  if (machine.missing(request).length === 0) return
  await machine.read(request, run.ahead())
  machine.widenWindow()
}

/** Runs only the validations that change nothing, and remembers the writes as predictions. */
async function predict(
  machine: Machine,
  invocation: Invocation,
  changes: readonly Change[],
  steps: readonly Step[],
  run: ConvergeOptions,
): Promise<Convergence> {
  const { module, params, user } = invocation
  if (module.observes === true) {
    return {
      type: 'unknown',
      until: `${changes.map((change) => change.field).join(', ')} is in the expected state`,
    }
  }
  const proofs = steps.flatMap((step) => proofOf(step, run.environment))
  if (proofs.length > 0 && !machine.state.predicting) {
    const outcomes = await machine.run(
      user,
      proofs.map((proof) => proof.script),
      { timeLimit: readTimeLimit },
    )
    const failure = failureAmong(proofs, outcomes)
    if (failure !== undefined) {
      const { command, outcome } = failure
      return { type: 'failed', changed: false, changes, step: 'validate', result: {}, command, outcome }
    }
  }
  const writes = steps.flatMap((step) => step.writes)
  if (!run.harmless)
    machine.state.predict(writes.map((write) => ({ ...write, until: write.until ?? run.until })))
  const after = stateOf(machine.state, invocation)
  const result =
    after.type === 'known'
      ? (module.result?.({ params, state: after.state, changes, outputs: [] }) ?? {})
      : {}
  const open = changes.every((change) => change.transient === true) ? outputUntil(untilOf(steps)) : {}
  return { type: 'done', changed: true, changes, effects: effectsOf(steps), result: { ...open, ...result } }
}

async function apply(
  machine: Machine,
  invocation: Invocation,
  before: Values<Reads>,
  changes: readonly Change[],
  steps: readonly Step[],
  run: ConvergeOptions,
): Promise<Convergence | StaleAttempt> {
  const { module, params, user, keys } = invocation
  const observes = module.observes === true
  // A step that waits may have waited for a change by another process.
  machine.invalidate(steps.flatMap((step) => step.writes))
  if (steps.some((step) => step.waits === true)) machine.state.forgetEverything()

  const recheck = changes.some((change) => change.transient !== true)
  const own = recheck ? machine.missing({ user, keys }) : []
  const ahead = run.ahead()
  const together = ahead
    .filter((request) => request.user === user)
    .flatMap((request) => machine.missing(request))
  const readings = readingsOf([...own, ...together])

  const leases = steps.flatMap((step) => step.acquires ?? [])
  machine.leases.demandAll()
  const guard = machine.leases.guard()
  for (const lease of leases) machine.leases.expect(lease, user)
  const note = run.note()
  if (note !== undefined && note.machine !== machine) await writeElsewhere(note)
  const parts = partsOf(
    steps,
    { ...machine.leases.environment(), ...run.environment },
    note?.machine === machine ? note : undefined,
  )
  const looking = combineScripts(readings.map(({ script }) => script))
  const scripts = [...parts.map((part) => part.script), ...(readings.length === 0 ? [] : [looking.script])]
  const outcomes = await machine.run(user, scripts, { timeLimit: run.timeLimit ?? longest(steps), guard })
  const stopped = outcomes.find((outcome) => outcome.stopped === true)
  if (stopped !== undefined) throw machine.leases.lose(stopped.stderr)
  const failure = failureAmong(parts, outcomes)
  if (failure === undefined) for (const lease of leases) machine.leases.confirm(lease)
  const outputs = outputsOf(parts, outcomes)
  if (outcomes[parts.findIndex((part) => part.type === 'note')]?.code === 0) note?.written()
  const changed = !observes
  if (failure !== undefined) {
    const { type, command, outcome, isStale } = failure
    if (isStale) {
      const done = outcomes.slice(0, -1).some((_, index) => parts[index]?.type === 'apply')
      return { type: 'stale', outcome, changes: done ? changes : [], note }
    }
    const result = module.result?.({ params, state: before, changes, outputs }) ?? {}
    const step = type === 'validate' ? 'validate' : 'apply'
    const meaning = step === 'apply' ? module.explain?.(outcome, params) : undefined
    return {
      ...{ type: 'failed', changed, changes, step, command, outcome, result },
      ...(meaning === undefined ? {} : { meaning }),
    }
  }
  for (const { releases } of steps) if (releases !== undefined) machine.leases.forget(releases)
  const looked = outcomes[parts.length]
  if (looked !== undefined) machine.learn(user, readings, looking.outcomesOf(looked))
  machine.widenWindow()
  const after = recheck ? await lookAgain(machine, invocation, changes) : before
  const result = module.result?.({ params, state: after, changes, outputs }) ?? {}
  return { type: 'done', changed, changes, effects: effectsOf(steps), result }
}

/** Writes a note before the change if the note is for another machine than the change (`delegate_to`). */
async function writeElsewhere(note: Note): Promise<void> {
  const [outcome] = await note.machine.run(note.user, [note.script], { timeLimit: readTimeLimit })
  if (outcome?.code !== 0)
    throw new TaskFailure(`could not record the notified handlers: ${outcome?.stderr.trim() ?? 'no answer'}`)
  note.written()
}

/** Checks idempotence in every run: throws TaskFailure if the machine still differs from the desired state. */
async function lookAgain(
  machine: Machine,
  invocation: Invocation,
  changes: readonly Change[],
): Promise<Values<Reads>> {
  const { user, keys, module, params } = invocation
  if (machine.missing({ user, keys }).length > 0) await machine.read({ user, keys }, [])
  const known = stateOf(machine.state, invocation)
  if (known.type !== 'known') throw new Error('a real run has predictions')
  const left = module.diff(known.state, params).filter((change) => change.transient !== true)
  const [first] = left
  if (first !== undefined) {
    const [is, wanted] = [show(first.before), show(first.after)]
    const isHidden = first.secret === true || is.includes('\n') || wanted.includes('\n')
    const values = isHidden ? '' : `: it is ${is}, not ${wanted}`
    throw new TaskFailure(`still differs after apply: ${first.field}${values}`, {
      hint: changes.some((change) => change.field === first.field)
        ? 'look for a service on the host that undoes the change, or report a module that misreads what it writes'
        : 'run it again: one of its changes caused this difference',
    })
  }
  return known.state
}

/** The output of a command that a dry run does not run. */
function outputUntil(until: string): Record<string, unknown> {
  const names = ['rc', 'stdout', 'stderr', 'stdout_lines', 'stderr_lines']
  return Object.fromEntries(names.map((name) => [name, unknown(until)]))
}

function untilOf(steps: readonly Step[]): string {
  const scope = steps.flatMap((step) => step.writes).find((write) => write.type === 'scope')
  return scope?.until ?? 'the task has run'
}

function effectsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => (step.effect === undefined ? [] : [step.effect]))
}

function longest(steps: readonly Step[]): number {
  return Math.max(...steps.map((step) => step.timeLimit ?? stepTimeLimit))
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

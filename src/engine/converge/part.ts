import type { Step, StepOutput } from '../../modules/definition/module.ts'
import { staleReading } from '../../state/swap/stale-reading.ts'
import type { Script } from '../../target/sh.ts'
import type { Outcome } from '../../target/target.ts'
import { exportsOf } from './environment.ts'
import type { Note } from './note.ts'

export interface Part {
  readonly type: 'note' | 'validate' | 'apply'
  readonly script: Script
  /** The command that a failure shows. */
  readonly command: string
  /** True if the exit code for a stale reading has its meaning. */
  readonly swaps?: true
}

export function proofOf(
  { validate, validateCommand }: Step,
  environment: Readonly<Record<string, string>>,
): Part[] {
  if (validate === undefined) return []
  const script = exportsOf(environment, validate)
  return [{ type: 'validate', script, command: validateCommand ?? validate.text }]
}

export function partsOf(
  steps: readonly Step[],
  environment: Readonly<Record<string, string>>,
  note: Note | undefined,
): Part[] {
  const parts = steps.flatMap<Part>((step) => [
    ...proofOf(step, environment),
    {
      type: 'apply',
      script: exportsOf(environment, step.script),
      command: step.command ?? step.script.text,
      ...(step.swaps === true ? { swaps: true } : {}),
    },
  ])
  // The note follows the first validation: if that fails, nothing changes and no handler is due.
  const first = parts.findIndex((part) => part.type === 'apply')
  if (note === undefined) return parts
  return parts.toSpliced(first, 0, { type: 'note', script: note.script, command: note.script.text })
}

export function outputsOf(parts: readonly Part[], outcomes: readonly Outcome[]): StepOutput[] {
  return parts.flatMap((part, index) => {
    const outcome = outcomes[index]
    return part.type !== 'apply' || outcome === undefined ? [] : [outcome]
  })
}

export interface Failure extends Part {
  readonly outcome: Outcome
  /** True if the script replaced nothing because the host was not as it was read. */
  readonly isStale: boolean
}

export function failureAmong(parts: readonly Part[], outcomes: readonly Outcome[]): Failure | undefined {
  const index = outcomes.slice(0, parts.length).findIndex((outcome) => outcome.code !== 0)
  const part = parts[index]
  const outcome = outcomes[index]
  if (part === undefined || outcome === undefined) return undefined
  return { ...part, outcome, isStale: part.swaps === true && outcome.code === staleReading }
}

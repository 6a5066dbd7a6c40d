import type { Step, StepOutput } from '../../modules/definition/module.ts'
import type { Script } from '../../target/sh.ts'
import type { Outcome } from '../../target/target.ts'
import { exportsOf } from './environment.ts'
import type { Note } from './note.ts'

export interface Part {
  readonly type: 'note' | 'validate' | 'apply'
  readonly script: Script
  /** The command that a failure shows. */
  readonly command: string
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

export function failureAmong(
  parts: readonly Part[],
  outcomes: readonly Outcome[],
): (Part & { outcome: Outcome }) | undefined {
  const index = outcomes.slice(0, parts.length).findIndex((outcome) => outcome.code !== 0)
  const part = parts[index]
  const outcome = outcomes[index]
  return part === undefined || outcome === undefined ? undefined : { ...part, outcome }
}

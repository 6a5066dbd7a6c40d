import type { KindName, Scope, Write, WriteTo } from './write.ts'
import { writesPath } from './writes-path.ts'

/** Which writes to other things may change an answer. It may err only on the side of yes. */
export interface Dependencies<Question, Value> {
  readonly scopes: readonly Scope[] | ((scope: Scope, question: Question, answer: Value) => boolean)
  /** The paths that the answer is read from: a write to one of them, to something in it or above it counts. */
  readonly paths?: (question: Question, answer: Value) => readonly string[]
  readonly kinds?: { readonly [Name in KindName]?: Rule<Name, Question, Value> }
  /** For the kinds that are not named above; by default their writes change nothing. */
  readonly others?: Rule<KindName, Question, Value>
}

/** Whether a write to a thing of this kind may change an answer. */
export type Rule<Name extends KindName, Question, Value> =
  boolean | ((write: WriteTo<Name>, question: Question, answer: Value) => boolean)

export function isTouched<Question, Value>(
  dependencies: Dependencies<Question, Value>,
  question: Question,
  write: Write,
  answer: Value,
): boolean {
  const { scopes, paths, others = false } = dependencies
  if (write.type === 'scope')
    return typeof scopes === 'function' ? scopes(write.scope, question, answer) : scopes.includes(write.scope)
  const named = dependencies.kinds?.[write.kind]
  if (named === undefined && paths !== undefined && write.kind === 'path')
    return writesPath(write as WriteTo<'path'>, paths(question, answer))
  const rule = named ?? others
  // the rule was looked up by the kind of this very write
  return typeof rule === 'boolean' ? rule : rule(write as never, question, answer)
}

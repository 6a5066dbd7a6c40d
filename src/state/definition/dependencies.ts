import type { KindName, Scope, Write, WriteTo } from './write.ts'
import { writesPath } from './writes-path.ts'

/** The writes to other things that may change an answer. False positives are allowed, false negatives are not. */
export interface Dependencies<Question, Value> {
  readonly scopes: readonly Scope[] | ((scope: Scope, question: Question, answer: Value) => boolean)
  /** The paths that the answer is read from. Writes to them, below them and above them count. */
  readonly paths?: (question: Question, answer: Value) => readonly string[]
  readonly kinds?: { readonly [Name in KindName]?: Rule<Name, Question, Value> }
  /** The rule for all other kinds; by default their writes change nothing. */
  readonly others?: Rule<KindName, Question, Value>
}

/** Decides whether a write to a thing of this kind may change an answer. */
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
  // The rule belongs to the kind of this write.
  return typeof rule === 'boolean' ? rule : rule(write as never, question, answer)
}

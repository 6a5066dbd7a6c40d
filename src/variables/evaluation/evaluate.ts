import { type Position, UserError } from '../../errors.ts'
import { NotKnown } from '../not-known.ts'
import type { Compiled } from './compiled.ts'
import { ExpressionError } from './expression-error.ts'
import { Frame, type Surroundings } from './frame.ts'
import { SyntaxProblem } from './syntax-problem.ts'

/** An expression, a string with tags or a template, to be evaluated. */
export interface Code {
  /** Throws SyntaxProblem. */
  readonly compile: () => Compiled
  readonly at: Position
  /** Returns the position of an offset in the text. */
  readonly locate: (offset: number) => Position
}

const endRecursion = 'correct the condition that ends the recursion'

/** Evaluates code. Throws NotKnown, and ExpressionError for every other error. */
export function evaluate({ compile, at, locate }: Code, surroundings: Surroundings): unknown {
  const frame = new Frame(surroundings, locate)
  try {
    const compiled = compile()
    if (!compiled.isRepeatable) surroundings.markUnrepeatable()
    return compiled.evaluate(frame)
  } catch (error) {
    if (error instanceof NotKnown || error instanceof UserError) throw error
    if (error instanceof SyntaxProblem)
      throw new ExpressionError(error.message, locate(error.offset), error.hint)
    if (!(error instanceof Error)) throw new ExpressionError(String(error), at)
    if (/^maximum call stack/i.test(error.message))
      throw new ExpressionError('a function calls itself too often', locate(frame.here), endRecursion)
    throw new ExpressionError(error.message, locate(frame.here))
  }
}

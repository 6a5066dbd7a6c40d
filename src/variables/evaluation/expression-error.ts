import { type Diagnostic, describePosition, type Position, UserError } from '../../errors.ts'

/** An expression or template that cannot be evaluated, with its position. */
export class ExpressionError extends UserError {
  override name = 'ExpressionError'
  readonly at: Position
  readonly problem: string
  /** The variables whose values refer to the expression, innermost first. */
  readonly through: readonly string[]

  constructor(problem: string, at: Position, hint?: string, through: readonly string[] = []) {
    const path = through.length === 0 ? '' : `, needed for ${through.map((name) => `'${name}'`).join(', ')}`
    super(`${describePosition(at)}: ${problem}${path}`, hint === undefined ? {} : { hint })
    this.at = at
    this.problem = problem
    this.through = through
  }

  get diagnostic(): Diagnostic {
    return { at: this.at, message: this.problem, ...(this.hint === undefined ? {} : { hint: this.hint }) }
  }

  /** Returns the same error, reached through a variable that refers to the expression. */
  within(variable: string): ExpressionError {
    const { problem, at, hint, through } = this
    return this.#like(problem, at, hint, [...through, variable])
  }

  #like(
    problem: string,
    at: Position,
    hint: string | undefined,
    through: readonly string[],
  ): ExpressionError {
    return this instanceof UndefinedError
      ? new UndefinedError(problem, at, hint, through)
      : new ExpressionError(problem, at, hint, through)
  }
}

/** A variable or property that is not defined. */
export class UndefinedError extends ExpressionError {
  override name = 'UndefinedError'
}

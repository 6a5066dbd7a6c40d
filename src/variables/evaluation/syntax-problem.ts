/** An error in an expression or template, at an offset of its text. */
export class SyntaxProblem extends Error {
  override name = 'SyntaxProblem'
  readonly offset: number
  readonly hint: string | undefined

  constructor(message: string, offset: number, hint?: string) {
    super(message)
    this.offset = offset
    this.hint = hint
  }
}

import { InvalidInputError, type Diagnostic, type Position } from '../../errors.ts'

/** Collects errors, to report them together. */
export class Diagnostics {
  readonly #found = new Map<string, Diagnostic>()
  #hasGaps = false

  /** True if a part could not be read: names that it would have defined are not reported as undefined. */
  get hasGaps(): boolean {
    return this.#hasGaps
  }

  addGap(at: Position, message: string, hint?: string): void {
    this.#hasGaps = true
    this.add(at, message, hint)
  }

  add(at: Position, message: string, hint?: string): void {
    const key = `${at.file}\0${at.line}\0${at.column}\0${message}`
    if (!this.#found.has(key)) this.#found.set(key, { at, message, ...(hint === undefined ? {} : { hint }) })
  }

  /** Runs the action and collects its InvalidInputError; its result is then undefined. */
  collect<Result>(action: () => Result): Result | undefined {
    try {
      return action()
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      for (const { at, message, hint } of error.diagnostics) this.addGap(at, message, hint)
      return undefined
    }
  }

  /** Returns the errors in the order of their positions. */
  all(): Diagnostic[] {
    return [...this.#found.values()].sort(byPlace)
  }

  throwIfAny(): void {
    if (this.#found.size > 0) throw new InvalidInputError(this.all())
  }
}

/** Compares by file, then by position. */
export function byPlace(one: Diagnostic, other: Diagnostic): number {
  const [a, b] = [one.at, other.at]
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || a.column - b.column
}

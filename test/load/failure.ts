export type FailureKind =
  /** The connection was refused, or broke before the answer was complete. */
  | 'connection'
  /** The answer was not complete in time. */
  | 'timeout'
  /** The status was 400 or higher. */
  | 'status'
  /** The answer had another page, or other data than what was posted. */
  | 'body'
  /** The header names no release, or one that clients must not see yet or any more. */
  | 'foreign release'
  /** The header names one release, the body another. */
  | 'mixed release'
  /** A connection that had seen a later release got an earlier one. */
  | 'flip-flop'

export class Failure extends Error {
  override name = 'Failure'
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

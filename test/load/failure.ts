export type FailureKind =
  /** Nobody listened, or the connection broke before the answer was complete. */
  | 'connection'
  /** No complete answer in time. */
  | 'timeout'
  /** 400 and above. */
  | 'status'
  /** Not the page that was asked for, or not what was posted. */
  | 'body'
  /** The header names no release, or one that nobody may see, or nobody any more. */
  | 'foreign release'
  /** The header names one release, the body another. */
  | 'mixed release'
  /** A connection that had seen a later release was taken back to an earlier one. */
  | 'flip-flop'

export class Failure extends Error {
  override name = 'Failure'
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

/** Why something is not known yet: facts are not gathered, an earlier task has not run, or a dry run cannot tell. */
export type NotKnownReason = 'facts' | 'registered' | 'unknown'

/** Thrown where an expression reaches something that is not known yet. It is no mistake of anyone. */
export class NotKnown extends Error {
  override name = 'NotKnown'
  readonly reason: NotKnownReason
  /** e.g. "until nginx is installed" */
  readonly detail: string
  /** Whose facts they are, if not those of the host that asks. */
  readonly host: string | undefined

  constructor(reason: NotKnownReason, detail: string, host?: string) {
    super(`not known yet: ${detail}`)
    this.reason = reason
    this.detail = detail
    this.host = host
  }
}

/** Stands for a value that a dry run cannot know. */
export class UnknownValue {
  readonly detail: string

  constructor(detail: string) {
    this.detail = detail
  }
}

/** A value for any place in a layer; whoever reaches it meets NotKnown. */
export function unknown(detail: string): UnknownValue {
  return new UnknownValue(detail)
}

/** The reason: facts are not gathered yet, an earlier task has not run yet, or a dry run cannot know the value. */
export type NotKnownReason = 'facts' | 'registered' | 'unknown'

/** Thrown when an expression reads a value that is not known yet. This is not a mistake in the playbook. */
export class NotKnown extends Error {
  override name = 'NotKnown'
  readonly reason: NotKnownReason
  /** For example "until nginx is installed". */
  readonly detail: string
  /** The host whose facts are missing, if it is another one. */
  readonly host: string | undefined

  constructor(reason: NotKnownReason, detail: string, host?: string) {
    super(`not known yet: ${detail}`)
    this.reason = reason
    this.detail = detail
    this.host = host
  }
}

/** A placeholder for a value that a dry run cannot know; reading it throws NotKnown. */
export class UnknownValue {
  readonly detail: string

  constructor(detail: string) {
    this.detail = detail
  }
}

export function unknown(detail: string): UnknownValue {
  return new UnknownValue(detail)
}

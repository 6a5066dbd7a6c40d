export interface UserQuestion {
  /** A name or a number. A number is looked up as a name first and then as a uid. */
  readonly name: string
}

/** A missing field does not apply (no such user) or is unknown: the uid of a future user, the hash without root. */
export interface UserValue {
  readonly exists: boolean
  readonly uid?: number
  /** The primary group. */
  readonly gid?: number
  readonly group?: string
  /** The other groups, sorted. */
  readonly groups?: readonly string[]
  readonly home?: string
  readonly shell?: string
  readonly comment?: string
  readonly locked?: boolean
  /** The field of the shadow file, including the `!` of a locked account. */
  readonly passwordHash?: string
  /** The day since 1970 on which the account expires; -1 means never. */
  readonly expires?: number
}

export interface GroupQuestion {
  /** A name or a number. A number is looked up as a name first and then as a gid. */
  readonly name: string
}

export interface GroupValue {
  readonly exists: boolean
  /** Missing if the group does not exist yet. */
  readonly gid?: number
}

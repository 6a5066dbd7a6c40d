export interface UserQuestion {
  /** A name, or a number: that one is found by name first and then by uid. */
  readonly name: string
}

/** What is missing does not apply (the user does not exist) or is not known: the uid of one yet to be made, the hash without root. */
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
  /** As in the shadow file, with the `!` of a locked one. */
  readonly passwordHash?: string
  /** The day since 1970 on which the account expires; -1: never. */
  readonly expires?: number
}

export interface GroupQuestion {
  /** A name, or a number: that one is found by name first and then by gid. */
  readonly name: string
}

export interface GroupValue {
  readonly exists: boolean
  /** Missing: the group does not exist, or is yet to be made. */
  readonly gid?: number
}

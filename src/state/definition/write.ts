/** The value of each kind by its name. Each kind adds itself, so a write cannot name a kind that does not exist. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the properties stand in the files of the kinds
export interface KindValues {}

export type KindName = keyof KindValues

/** What was or will be written to a host: one thing, with its new value where that is known, or everything in a scope. */
export type Write = ThingWrite | ScopeWrite

export interface ThingWrite {
  readonly type: 'thing'
  readonly kind: KindName
  readonly subject: string
  /** Complete: it answers every question about the subject. Missing: something, but nobody can say what. */
  readonly value?: unknown
  /** In a dry run: it will have one of these values. */
  readonly values?: readonly unknown[]
  /** Where the value is missing: when it will be known, as in ScopeWrite. */
  readonly until?: string
}

/** A write to a thing of one kind. */
export interface WriteTo<Name extends KindName> extends ThingWrite {
  readonly kind: Name
  readonly value?: KindValues[Name]
}

/**
 * 'packages': what an installation or removal of packages may touch, which by Debian's policy is
 * everything but /srv, /home, /root, /opt and /usr/local. 'services': what a started or stopped service may touch:
 * processes, sockets and files under /run, /var and /tmp. 'anything': what a command may do.
 */
export type Scope = 'packages' | 'services' | 'anything'

export interface ScopeWrite {
  readonly type: 'scope'
  readonly scope: Scope
  /** When what it touched will be known, as the end of "unknown until …", e.g. "nginx is installed". */
  readonly until: string
}

export function isWriteTo<Name extends KindName>(write: Write, kind: Name): write is WriteTo<Name> {
  return write.type === 'thing' && write.kind === kind
}

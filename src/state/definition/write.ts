/** The value of each kind by its name. Each kind adds itself, so a write cannot name an unknown kind. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the files of the kinds add the properties
export interface KindValues {}

export type KindName = keyof KindValues

/** A past or future write to a host: one thing, with its new value if known, or everything in a scope. */
export type Write = ThingWrite | ScopeWrite

export interface ThingWrite {
  readonly type: 'thing'
  readonly kind: KindName
  readonly subject: string
  /** The new value, which must answer every question about the subject; missing if it is unknown. */
  readonly value?: unknown
  /** The possible values in a dry run. */
  readonly values?: readonly unknown[]
  /** The event that makes an unknown value known, as in ScopeWrite. */
  readonly until?: string
}

/** A write to a thing of one kind. */
export interface WriteTo<Name extends KindName> extends ThingWrite {
  readonly kind: Name
  readonly value?: KindValues[Name]
}

/**
 * The class of things that a step may write. 'anything': everything that a command may change. 'packages': everything
 * that installing or removing packages may change. A dry run assumes Debian's policy: all but /srv, /home, /root, /opt
 * and /usr/local. 'services': everything that starting or stopping a service may change. A dry run assumes processes,
 * sockets and files in /run, /var and /tmp. A real run assumes nothing: maintainer scripts and services run commands.
 */
export type Scope = 'packages' | 'services' | 'anything'

export interface ScopeWrite {
  readonly type: 'scope'
  readonly scope: Scope
  /** The event that makes the result known, as the end of "unknown until …", such as "nginx is installed". */
  readonly until: string
}

export function isWriteTo<Name extends KindName>(write: Write, kind: Name): write is WriteTo<Name> {
  return write.type === 'thing' && write.kind === kind
}

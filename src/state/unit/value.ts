export interface UnitQuestion {
  /** With its suffix, e.g. "nginx.service": what unitName makes of what a person writes. */
  readonly name: string
}

export interface UnitValue {
  readonly exists: boolean
  /** The name of the unit that an alias stands for. */
  readonly id: string
  /** systemd's ActiveState: active, reloading, inactive, failed, activating, deactivating, … */
  readonly active: string
  /** systemd's SubState: running, exited, dead, auto-restart, … */
  readonly sub: string
  /** Started at boot; undefined where the unit has no say in it: static, transient, an alias of nothing. */
  readonly enabled?: boolean
  readonly masked: boolean
  /** Its files changed since systemd read them. */
  readonly needsReload: boolean
  readonly canReload: boolean
  /** A unit of Type=oneshot that is over once it has run. */
  readonly runsOnce: boolean
  /** When it does not exist: units whose names are like it. */
  readonly near?: readonly string[]
  /** Units that may start or stop with this one. */
  readonly related: readonly string[]
}

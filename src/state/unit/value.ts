export interface UnitQuestion {
  /** The full name from `unitName`, such as "nginx.service". */
  readonly name: string
}

export interface UnitValue {
  readonly exists: boolean
  /** The name of the unit, even if the question has an alias. */
  readonly id: string
  /** systemd's ActiveState: active, reloading, inactive, failed, activating, deactivating, … */
  readonly active: string
  /** systemd's SubState: running, exited, dead, auto-restart, … */
  readonly sub: string
  /** True if the unit starts at boot; undefined if it cannot be enabled: static, transient, alias. */
  readonly enabled?: boolean
  readonly masked: boolean
  /** True if its files changed since systemd read them. */
  readonly needsReload: boolean
  readonly canReload: boolean
  /** True for Type=oneshot without RemainAfterExit. */
  readonly runsOnce: boolean
  /** The units with similar names, if the unit does not exist. */
  readonly near?: readonly string[]
  /** The units that may start or stop together with this one. */
  readonly related: readonly string[]
}

export interface PackageQuestion {
  /** e.g. "nginx" or "libc6:i386" */
  readonly name: string
  /** Which versions matter: the installed one, or also the one that would be installed now. */
  readonly version?: 'installed' | 'candidate'
}

/** The program that manages the packages of a host. */
export type PackageManager = 'apt'

export interface PackageValue {
  readonly manager: PackageManager
  readonly installed: boolean
  /** The installed version; missing when it is only predicted. */
  readonly version?: string
  /** The package manager allows no such name. */
  readonly invalidName?: true
  /** Removed, but its configuration files are still there. */
  readonly residual?: true
  /** `apt-mark hold` keeps it as it is. */
  readonly held?: true
  /** It is no package of its own, but these installed ones provide it. */
  readonly providedBy?: readonly string[]
  /** The version that would be installed now; missing when nobody offers it or nobody asked. */
  readonly candidate?: string
  /** Packages, not only this one, whose installation was interrupted; `dpkg` alone when only its journal says so. */
  readonly interrupted?: readonly string[]
}

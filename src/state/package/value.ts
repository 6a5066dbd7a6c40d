export interface PackageQuestion {
  /** The name, such as "nginx" or "libc6:i386". */
  readonly name: string
  /** The versions that matter: the installed one, or also the candidate. */
  readonly version?: 'installed' | 'candidate'
}

/** The program that manages the packages of a host. */
export type PackageManager = 'apt'

export interface PackageValue {
  readonly manager: PackageManager
  readonly installed: boolean
  /** The installed version; missing if it is only predicted. */
  readonly version?: string
  /** True if the name is invalid for the package manager. */
  readonly invalidName?: true
  /** True if the package was removed, but its configuration files remain. */
  readonly residual?: true
  /** True if `apt-mark hold` prevents changes of the package. */
  readonly held?: true
  /** The installed packages that provide a virtual package. */
  readonly providedBy?: readonly string[]
  /** The version that would be installed now; missing if there is none or it was not asked for. */
  readonly candidate?: string
  /** All packages with an interrupted installation; `dpkg` if its journal has entries but no package is affected. */
  readonly interrupted?: readonly string[]
}

import { readFile } from 'node:fs/promises'

/**
 * The first user ID of isolated machines on the outer machine: root inside is this user outside, who owns only
 * the machines' files. It is in systemd's range for containers, above the range of useradd.
 */
export const firstUser = 0x6d_7a_00_00
const users = 0x1_00_00

/** The range as an argument of systemd-nspawn. */
export const userRange = `${firstUser}:${users}`

/** The kernel's support for user namespaces. */
export interface UserNamespaces {
  /** The maximum number of user namespaces; undefined if the kernel does not support them. */
  readonly maximum: string | undefined
  /** The ranges of user and group IDs here, each line `inside outside count`. */
  readonly maps: readonly string[]
}

/** Returns the reason why machines cannot be isolated here; undefined if they can. */
export function obstacleToIsolation({ maximum, maps }: UserNamespaces): string | undefined {
  if (maximum === undefined) return 'the kernel has no user namespaces'
  if (Number(maximum) === 0) return 'user namespaces are turned off (sysctl user.max_user_namespaces is 0)'
  if (!maps.every(holdsRange)) return 'your computer is itself a container with too few user IDs'
  return undefined
}

export async function findObstacleToIsolation(): Promise<string | undefined> {
  const read = async (file: string) => await readFile(file, 'utf8').catch(() => undefined)
  const [maximum, ...maps] = await Promise.all([
    read('/proc/sys/user/max_user_namespaces'),
    read('/proc/self/uid_map'),
    read('/proc/self/gid_map'),
  ])
  return obstacleToIsolation({ maximum, maps: maps.map((map) => map ?? '') })
}

function holdsRange(map: string): boolean {
  return map.split('\n').some((line) => {
    const [inside = NaN, , count = NaN] = line.trim().split(/\s+/).map(Number)
    return inside <= firstUser && firstUser + users <= inside + count
  })
}

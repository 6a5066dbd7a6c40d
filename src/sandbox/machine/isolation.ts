import { readFile } from 'node:fs/promises'

/**
 * Where the users of isolated machines begin on the outer machine: root inside is this user outside, who owns nothing
 * but the machines' files. From systemd's range for containers, above what useradd gives to people.
 */
export const firstUser = 0x6d_7a_00_00
const users = 0x1_00_00

/** The range as systemd-nspawn takes it. */
export const userRange = `${firstUser}:${users}`

/** What this kernel lets us do with users. */
export interface UserNamespaces {
  /** How many user namespaces there may be; undefined where the kernel has none. */
  readonly maximum: string | undefined
  /** The users and groups that there are here, each line `inside outside count`. */
  readonly maps: readonly string[]
}

/** Why a machine cannot have users of its own here; undefined when it can. */
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

import { attempt, run } from '../run-command.ts'

/** One entry of the kernel's routing tables, as `ip -json` prints it. */
export interface Route {
  readonly dst: string
  readonly dev?: string
  /** The type of a route that leads to no other machine: local, broadcast, unreachable, … */
  readonly type?: string
  readonly nexthops?: readonly { readonly dev: string }[]
}

/** Returns all IPv4 routes, including those to the outer machine's own addresses. */
export async function allRoutes(): Promise<Route[]> {
  return JSON.parse(await run`ip -4 -json route show table all`) as Route[]
}

/** Returns the interfaces of the default routes. */
export function defaultInterfaces(routes: readonly Route[]): string[] {
  return interfacesOf(routes.filter(isDefault))
}

/** Returns all interfaces with a route. */
export function interfacesOf(routes: readonly Route[]): string[] {
  const remote = routes.filter(({ type }) => type === undefined)
  const names = remote.flatMap(({ dev, nexthops = [] }) => [dev, ...nexthops.map((hop) => hop.dev)])
  return [...new Set(names)].filter(
    (name) => name !== undefined && name !== 'lo' && !isMachine(name),
  ) as string[]
}

/** Returns the networks to which the outer machine has a specific route: its LAN, its VPNs, its containers. */
export function ownNetworks(routes: readonly Route[]): string[] {
  const destinations = routes.filter((route) => !isDefault(route)).map(({ dst }) => dst)
  return [...new Set(destinations)].filter((dst) => /^[\d.]+(\/\d+)?$/.test(dst))
}

/** Returns true for a default route. VPNs often use two of them, each for half of the address space. */
function isDefault({ dst, type }: Route): boolean {
  return type === undefined && (dst === 'default' || /\/[0-7]$/.test(dst))
}

function isMachine(name: string): boolean {
  return /^hw-[0-9a-f]{12}$/.test(name)
}

/**
 * Returns the interface that leads to an address; undefined if the address is the outer machine's own or unreachable.
 */
export async function interfaceTo(address: string): Promise<string | undefined> {
  const { exitCode, stdout } = await attempt()`ip -4 -json route get ${address}`
  if (exitCode !== 0) return undefined
  const [route] = JSON.parse(stdout) as Route[]
  return route?.type === 'local' || route?.dev === 'lo' ? undefined : route?.dev
}

import { attempt, run } from '../run-command.ts'

/** One entry of the kernel's routing tables, as `ip -json` prints it. */
export interface Route {
  readonly dst: string
  readonly dev?: string
  /** Of what is no way to another machine: local, broadcast, unreachable, … */
  readonly type?: string
  readonly nexthops?: readonly { readonly dev: string }[]
}

/** All IPv4 routes, those to the outer machine's own addresses too. */
export async function allRoutes(): Promise<Route[]> {
  return JSON.parse(await run`ip -4 -json route show table all`) as Route[]
}

/** The interfaces by which everything leaves that has no route of its own. */
export function defaultInterfaces(routes: readonly Route[]): string[] {
  return interfacesOf(routes.filter(isDefault))
}

/** All interfaces by which something leaves. */
export function interfacesOf(routes: readonly Route[]): string[] {
  const remote = routes.filter(({ type }) => type === undefined)
  const names = remote.flatMap(({ dev, nexthops = [] }) => [dev, ...nexthops.map((hop) => hop.dev)])
  return [...new Set(names)].filter(
    (name) => name !== undefined && name !== 'lo' && !isMachine(name),
  ) as string[]
}

/** The networks that the outer machine has a route of its own to: its LAN, its VPNs, its containers. */
export function ownNetworks(routes: readonly Route[]): string[] {
  const destinations = routes.filter((route) => !isDefault(route)).map(({ dst }) => dst)
  return [...new Set(destinations)].filter((dst) => /^[\d.]+(\/\d+)?$/.test(dst))
}

/** VPNs that take everything often do so by two halves of the address space. */
function isDefault({ dst, type }: Route): boolean {
  return type === undefined && (dst === 'default' || /\/[0-7]$/.test(dst))
}

function isMachine(name: string): boolean {
  return /^hw-[0-9a-f]{12}$/.test(name)
}

/** The interface by which an address is reached; undefined when it is the outer machine's own, or nowhere. */
export async function interfaceTo(address: string): Promise<string | undefined> {
  const { exitCode, stdout } = await attempt()`ip -4 -json route get ${address}`
  if (exitCode !== 0) return undefined
  const [route] = JSON.parse(stdout) as Route[]
  return route?.type === 'local' || route?.dev === 'lo' ? undefined : route?.dev
}

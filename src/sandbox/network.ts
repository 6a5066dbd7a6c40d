import { readFile, rm, writeFile } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import { letOut, letOutNoMore } from './firewall.ts'
import { run, succeeds } from './local.ts'
import { freeSubnet, type Subnet } from './subnet.ts'

const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward'
/** Exists while forwarding is on because of us; gone after a reboot, as the setting is. */
const forwardingMemory = '/run/hostwright-sandbox-switched-forwarding-on'

/**
 * Joins the outer machine and the network namespace of a process by a pair of interfaces, the outer one
 * named after the machine's id. Callers take turns.
 */
export async function connect(id: string, pid: number): Promise<Subnet> {
  const routes = await run`ip -4 -json route show table all`
  const subnet = freeSubnet(destinations(routes))
  const mtu = await outwardMtu()
  const outside = [
    `link add ${id} mtu ${mtu} type veth peer name host0 mtu ${mtu} netns ${pid}`,
    `address add ${subnet.outer}/30 dev ${id}`,
    `link set ${id} up`,
  ]
  const inside = [
    'link set lo up',
    `address add ${subnet.inner}/30 dev host0`,
    'link set host0 up',
    `route add default via ${subnet.outer}`,
  ]
  await run`ip -batch - <<<${outside.join('\n')}`
  await run`nsenter --net=/proc/${pid}/ns/net ip -batch - <<<${inside.join('\n')}`
  await switchForwardingOn()
  await letOut(id, subnet)
  return subnet
}

/** Removes what connect made, or what is left of it. Callers take turns. */
export async function disconnect(id: string): Promise<void> {
  await removeLink(id)
  await letOutNoMore(id)
  if (!(await hasMachines())) await switchForwardingBack()
}

/** A pair of interfaces also goes away by itself, some time after the last process of the machine. */
async function removeLink(id: string): Promise<void> {
  if (await succeeds`ip link delete ${id}`) return
  if (await succeeds`ip link show ${id}`) throw new UserError(`the interface ${id} cannot be removed`)
}

function destinations(routes: string): string[] {
  return (JSON.parse(routes) as { dst: string }[]).map((route) => route.dst)
}

/** A larger packet than the way out takes would be lost where nobody answers that it was too big. */
async function outwardMtu(): Promise<number> {
  const [route] = JSON.parse(await run`ip -4 -json route show default`) as { dev: string }[]
  if (route === undefined) return 1500
  return Number(await readFile(`/sys/class/net/${route.dev}/mtu`, 'utf8'))
}

async function hasMachines(): Promise<boolean> {
  const links = JSON.parse(await run`ip -json link show type veth`) as { ifname?: string }[]
  return links.some(({ ifname }) => ifname !== undefined && /^hw-[0-9a-f]{12}$/.test(ifname))
}

async function switchForwardingOn(): Promise<void> {
  if ((await readFile(forwardingSwitch, 'utf8')).trim() !== '0') return
  await writeFile(forwardingMemory, '')
  await writeFile(forwardingSwitch, '1')
}

async function switchForwardingBack(): Promise<void> {
  const wasUs = await readFile(forwardingMemory).then(
    () => true,
    () => false,
  )
  if (!wasUs) return
  await writeFile(forwardingSwitch, '0')
  await rm(forwardingMemory)
}

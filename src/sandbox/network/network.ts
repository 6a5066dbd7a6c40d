import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'

import { UserError } from '../../errors.ts'
import { home } from '../machines-folder.ts'
import { run, succeeds } from '../run-command.ts'
import { guard, removeGuard, type NetworkMode } from './firewall.ts'
import { forwardFrom, forwardFromMachine, stopForwarding } from './forwarding.ts'
import { allRoutes, defaultInterfaces, interfacesOf, interfaceTo, ownNetworks } from './routes.ts'
import type { Service } from './service.ts'
import { freeSubnet, type Subnet } from './subnet.ts'

export interface Network {
  readonly mode: NetworkMode
  /** The services that the machine can use at any address. */
  readonly services: readonly Service[]
}

/**
 * Connects the outer machine and the network namespace of a process with a pair of interfaces; the outer one
 * has the machine's id as its name. Callers hold the lock.
 */
export async function connect(id: string, pid: number, { mode, services }: Network): Promise<Subnet> {
  const routes = await allRoutes()
  const subnet = freeSubnet(routes.map(({ dst }) => dst))
  const outward = defaultInterfaces(routes)
  const mtu = await outwardMtu(outward)
  const group = machineGroup()
  await run`ip link add ${id} mtu ${mtu} group ${group} type veth peer name host0 mtu ${mtu} netns ${pid}`
  const surroundings = { mode, subnet, group, outward, ownNetworks: ownNetworks(routes), services }
  // no packet passes the interface before these rules exist
  await guard(id, surroundings)
  await answerNoOtherAddress(id)
  const outside = [`address add ${subnet.outer}/30 dev ${id}`, `link set ${id} up`]
  const inside = [
    'link set lo up',
    `address add ${subnet.inner}/30 dev host0`,
    'link set host0 up',
    `route add default via ${subnet.outer}`,
  ]
  await run`ip -batch - <<<${outside.join('\n')}`
  await run`nsenter --net=/proc/${pid}/ns/net ip -batch - <<<${inside.join('\n')}`
  await forwardFrom(mode === 'open' ? interfacesOf(routes) : [...outward, ...(await interfacesTo(services))])
  await forwardFromMachine(id)
  return subnet
}

/** Removes everything that `connect` created and that still exists. Callers hold the lock. */
export async function disconnect(id: string): Promise<void> {
  await removeLink(id)
  await removeGuard(id)
  if (!(await hasMachines())) await stopForwarding()
}

/** Restricts ARP, which no firewall sees, and which by default reveals all addresses of the outer machine. */
async function answerNoOtherAddress(id: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv4/conf/${id}/arp_ignore`, '1')
}

/** Returns the interface group of the machines of this state folder, which can connect to each other. */
function machineGroup(): number {
  return createHash('sha256').update(home()).digest().readUInt32BE() % 0x7f_ff_ff_ff || 1
}

async function interfacesTo(services: readonly Service[]): Promise<string[]> {
  const addresses = [...new Set(services.map(({ address }) => address))]
  const interfaces = await Promise.all(addresses.map(interfaceTo))
  return interfaces.filter((name) => name !== undefined)
}

/** Removes a pair of interfaces. The kernel also does this some time after the last process of the machine. */
async function removeLink(id: string): Promise<void> {
  if (await succeeds`ip link delete ${id}`) return
  if (await succeeds`ip link show ${id}`) throw new UserError(`the interface ${id} cannot be removed`)
}

/** Returns the MTU of the outgoing interfaces: a larger packet would be lost if no router reports it. */
async function outwardMtu(outward: readonly string[]): Promise<number> {
  const links = JSON.parse(await run`ip -json link show`) as { ifname: string; mtu: number }[]
  const sizes = links.filter(({ ifname }) => outward.includes(ifname)).map(({ mtu }) => mtu)
  return Math.min(1500, ...sizes)
}

async function hasMachines(): Promise<boolean> {
  const links = JSON.parse(await run`ip -json link show type veth`) as { ifname?: string }[]
  return links.some(({ ifname }) => ifname !== undefined && /^hw-[0-9a-f]{12}$/.test(ifname))
}

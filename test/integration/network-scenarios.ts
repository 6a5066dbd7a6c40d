import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'

import { inTurn } from '../../src/sandbox/down.ts'
import type { NetworkMode } from '../../src/sandbox/network/firewall.ts'
import { connect, disconnect } from '../../src/sandbox/network/network.ts'
import type { Subnet } from '../../src/sandbox/network/subnet.ts'

/** A network namespace, which a process keeps open. */
interface Namespace {
  readonly pid: number
  close(): void
}

async function namespace(): Promise<Namespace> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'])
  await once(holder.stdout, 'data')
  return {
    pid: holder.pid!,
    close() {
      holder.stdin.end()
    },
  }
}

const isolated = { mode: 'isolated', services: [] } as const
const one = 'hw-00000000000a'
const other = 'hw-00000000000b'

function forwards(name: string): string {
  return readFileSync(`/proc/sys/net/ipv4/conf/${name}/forwarding`, 'utf8').trim()
}

/** The networks of the operator: a LAN, through which the internet is reached, and a VPN. */
interface Neighbourhood {
  readonly neighbour: Namespace
  readonly vpn: Namespace
  close(): void
}

const addresses = {
  'the LAN address of the operator': '198.51.100.1',
  'a neighbour': '198.51.100.2',
  'the internet': '203.0.113.9',
  'a server in the VPN': '10.8.0.2',
  'the VPN address of the operator': '10.8.0.1',
}

/** An operator between a LAN and a VPN. The neighbor is the LAN's gateway and has an address of the internet. */
async function neighbourhood(): Promise<Neighbourhood> {
  const [neighbour, vpn] = [await namespace(), await namespace()]
  ip('link set lo up')
  ip(`link add lan0 type veth peer name eth0 netns ${neighbour.pid}`)
  ip(`link add vpn0 type veth peer name eth0 netns ${vpn.pid}`)
  for (const [name, address] of [
    ['lan0', '198.51.100.1/24'],
    ['lan0', 'fd00:1::1/64'],
    ['vpn0', '10.8.0.1/24'],
  ] as const)
    ip(`address add ${address} dev ${name} ${address.includes(':') ? 'nodad' : ''}`)
  ip('link set lan0 up')
  ip('link set vpn0 up')
  ip('route add default via 198.51.100.2')
  within(neighbour, 'ip address add 198.51.100.2/24 dev eth0; ip address add 203.0.113.9/32 dev lo')
  within(neighbour, 'ip link set lo up; ip link set eth0 up; ip route add 10.0.0.0/8 via 198.51.100.1')
  within(vpn, 'ip address add 10.8.0.2/24 dev eth0; ip address add 10.8.0.53/24 dev eth0')
  within(vpn, 'ip link set eth0 up; ip route add default via 10.8.0.1')
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '0')
  return {
    neighbour,
    vpn,
    close() {
      neighbour.close()
      vpn.close()
    },
  }
}

/** Returns the forwarding settings during and after two machines: of the LAN, of the VPN and of later interfaces. */
async function forwarding(): Promise<string[]> {
  const around = await neighbourhood()
  const machines = [await namespace(), await namespace()] as const
  const seen: string[] = []
  const look = () => seen.push(['lan0', 'vpn0', 'all'].map(forwards).join(''))
  await connect(one, machines[0].pid, isolated)
  look()
  await connect(other, machines[1].pid, isolated)
  await disconnect(one)
  look()
  await disconnect(other)
  look()
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
  await connect(one, machines[0].pid, isolated)
  await disconnect(one)
  look()
  machines.forEach((machine) => {
    machine.close()
  })
  around.close()
  return seen
}

/** Returns the forwarding settings after the last machine if a previous version had enabled them for all interfaces. */
async function upgrade(): Promise<string> {
  const around = await neighbourhood()
  const machine = await namespace()
  const memory = '/run/hostwright-sandbox-switched-forwarding-on'
  writeFileSync(memory, '')
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
  await connect(one, machine.pid, isolated)
  await disconnect(one)
  machine.close()
  around.close()
  return `${['lan0', 'vpn0', 'all'].map(forwards).join('')} ${existsSync(memory) ? 'remembered' : 'forgotten'}`
}

export interface FirewallAnswer {
  readonly before: string[]
  readonly after: string[]
  readonly reached: Reached
}

/** The results of connections to closed ports: true if refused, false if a firewall dropped the packet. */
type Reached = Record<string, boolean>

/** Returns the possible connections through a firewall of the operator that drops forwarded packets. */
async function firewall(): Promise<FirewallAnswer> {
  const around = await neighbourhood()
  const look = () => [output('nft', ['list', 'ruleset']), output('ip', ['-brief', 'link'])]
  output('nft', ['add table ip filter'])
  output('nft', ['add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }'])
  output('nft', ['add rule ip filter FORWARD tcp dport 9 drop'])
  // no answers come back from a network from which the operator's kernel does not forward
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
  const before = look()
  const machines = [await namespace(), await namespace()] as const
  const { inner } = await connect(one, machines[0].pid, isolated)
  const { inner: innerOfOther } = await connect(other, machines[1].pid, isolated)
  const reached = {
    'a machine from the other': reaches(machines[1], inner),
    'the internet from a machine': reaches(machines[1], addresses['the internet']),
    'a machine from a neighbour': reaches(around.neighbour, inner),
    'the other machine from the VPN': reaches(around.vpn, innerOfOther),
  }
  await disconnect(one)
  await disconnect(other)
  machines.forEach((machine) => {
    machine.close()
  })
  const after = look()
  around.close()
  return { before, after, reached }
}

/** Returns the possible connections from and to a machine. */
async function machineIn(mode: NetworkMode): Promise<Reached> {
  const around = await neighbourhood()
  const [machine, sibling, stranger] = [await namespace(), await namespace(), await namespace()]
  const services = [
    { address: '10.8.0.53', port: 53 },
    { address: '198.51.100.1', port: 53 },
  ]
  const subnet = await connect(one, machine.pid, { mode, services })
  const { inner, outer } = subnet
  const siblings = await connect(other, sibling.pid, { mode, services: [] })
  process.env['HOSTWRIGHT_SANDBOX_HOME'] = '/run/another-home'
  const strangers = await connect('hw-00000000000c', stranger.pid, { mode, services: [] })
  // an address that a machine can add, in addition to the link-local addresses of the kernel
  within(machine, 'ip address add fd00:2::2/64 dev host0 nodad; ip -6 route add default via fd00:2::1')
  ip(`address add fd00:2::1/64 dev ${one} nodad`)
  const targets = {
    ...addresses,
    'its own gateway': outer,
    'the gateway of another machine': siblings.outer,
    'another machine': siblings.inner,
    'a machine of another state folder': strangers.inner,
    'the IPv6 address of the operator': 'fd00:1::1',
    'the link-local address of the operator': `${linkLocal(one)}%host0`,
  }
  const reached = Object.entries(targets).map(([name, address]) => [name, reaches(machine, address)])
  const all = {
    ...(Object.fromEntries(reached) as Reached),
    'its name server in the VPN': reaches(machine, '10.8.0.53', 53),
    'another port of its name server': reaches(machine, '10.8.0.53', 54),
    'its name server on the operator': reaches(machine, '198.51.100.1', 53),
    'it from the operator': spawnSync('bash', probe(inner)).stderr.includes('refused'),
    'it from a neighbour': reaches(around.neighbour, inner),
    'it from the VPN': reaches(around.vpn, inner),
    'it from a machine of another state folder': reaches(stranger, inner),
    'the VPN from a neighbour': reaches(around.neighbour, addresses['a server in the VPN']),
    'a neighbour from the VPN': reaches(around.vpn, addresses['a neighbour']),
    'who has the LAN address of the operator': findsByArp(
      machine,
      addresses['the LAN address of the operator'],
    ),
    'another machine from a forged address': receives(sibling, siblings.inner, machine, subnet, '192.0.2.66'),
  }
  for (const each of [machine, sibling, stranger, around]) each.close()
  return all
}

/** Tests whether a machine receives packets of another one with this forged source address. */
function receives(to: Namespace, target: string, from: Namespace, route: Subnet, forged: string): boolean {
  within(
    to,
    `nft 'table ip seen {
      set sources { type ipv4_addr; flags dynamic; size 9; }
      chain input { type filter hook input priority 0; udp dport 9 add @sources { ip saddr }; }
    }'`,
  )
  within(from, `ip address add ${forged}/32 dev host0`)
  // the packet from the real address arrives after all previous ones
  for (const source of [forged, route.inner])
    within(
      from,
      `ip route replace default via ${route.outer} src ${source}; bash -c 'echo >/dev/udp/${target}/9'`,
    )
  const seen = within(to, 'nft list set ip seen sources')
  if (!seen.includes(route.inner)) throw new Error(`no packet came from ${route.inner}: ${seen}`)
  return seen.includes(forged)
}

/** Tests whether the other end of the link announces its address. */
function findsByArp(from: Namespace, address: string): boolean {
  within(from, `ip route add ${address} dev host0`)
  reaches(from, address)
  return within(from, `ip neighbour show ${address}`).includes('lladdr')
}

/** Returns the address that the kernel gave to an interface. */
function linkLocal(name: string): string {
  const { address = '' } =
    /inet6 (?<address>fe80:[\da-f:]+)/.exec(output('ip', ['address', 'show', name]))?.groups ?? {}
  return address
}

function reaches(from: Namespace, address: string, port = 1): boolean {
  const { stderr } = spawnSync('nsenter', [`--net=/proc/${from.pid}/ns/net`, 'bash', ...probe(address, port)])
  return stderr.includes('Connection refused')
}

/** Returns arguments of bash that connect to a closed port. */
function probe(address: string, port = 1): string[] {
  return ['-c', `timeout 1 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`]
}

async function stranger(): Promise<string> {
  await disconnect(one)
  return output('nft', ['list', 'ruleset'])
}

/** Returns the mode of the machines' lock, which existed with another mode before. */
async function lock(): Promise<string> {
  const file = '/run/hostwright-sandbox.lock'
  writeFileSync(file, '')
  chmodSync(file, 0o644)
  return await inTurn(() => Promise.resolve((statSync(file).mode & 0o777).toString(8)))
}

function ip(command: string): void {
  output('ip', command.trim().split(' '))
}

function within({ pid }: Namespace, script: string): string {
  return output('nsenter', [`--net=/proc/${pid}/ns/net`, 'sh', '-ec', script])
}

function output(program: string, argv: string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8' })
}

const scenarios = {
  forwarding,
  upgrade,
  firewall,
  isolated: () => machineIn('isolated'),
  open: () => machineIn('open'),
  stranger,
  lock,
}

export type Scenario = keyof typeof scenarios

const wanted = process.argv[2]
if (process.argv[1] === import.meta.filename && wanted !== undefined && wanted in scenarios)
  process.stdout.write(JSON.stringify(await scenarios[wanted as Scenario]()))

import { run } from '../run-command.ts'
import type { Service } from './service.ts'
import { pool, type Subnet } from './subnet.ts'

/**
 * The networks that a machine can connect to: the internet and the services it needs, or everything that its outer
 * machine can reach.
 */
export const networkModes = ['isolated', 'open'] as const

export type NetworkMode = (typeof networkModes)[number]

/** The input for the rules of one machine. */
export interface Surroundings {
  readonly mode: NetworkMode
  readonly subnet: Subnet
  /** The interface group of the machines that it can connect to. */
  readonly group: number
  /** The interfaces that lead to the internet. */
  readonly outward: readonly string[]
  /** Local networks, even if their addresses are public. */
  readonly ownNetworks: readonly string[]
  /** The services that it needs, also in these networks or on the outer machine. */
  readonly services: readonly Service[]
}

/** Private and special-purpose addresses. */
const notInternet = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/3'],
]

/** Allows the machine's outgoing connections, with the outer machine's address, and only replies to come in. */
export async function guard(id: string, surroundings: Surroundings): Promise<void> {
  await run`nft -f - <<<${tables(id, surroundings)}`
  for (const { family, table, name } of await droppingChains()) {
    const rule = ['insert', 'rule', family, table, name]
    await run`nft ${rule} iifname ${id} accept comment ${id}`
    await run`nft ${rule} iifgroup ${surroundings.group} oifname ${id} accept comment ${id}`
    await run`nft ${rule} oifname ${id} ct state established,related accept comment ${id}`
  }
}

/** Removes exactly the rules of `guard`. */
export async function removeGuard(id: string): Promise<void> {
  // adding them first makes the deletion succeed if they do not exist
  const removal = ['ip', 'inet'].flatMap((family) => [
    `add table ${family} ${id}`,
    `delete table ${family} ${id}`,
  ])
  await run`nft -f - <<<${removal.join('\n')}`
  for (const { rule } of await ruleset()) {
    if (rule?.comment === id)
      await run`nft delete rule ${rule.family} ${rule.table} ${rule.chain} handle ${rule.handle}`
  }
}

/** Returns the tables of a machine. Machines have no IPv6, so its packets are dropped. */
export function tables(
  id: string,
  { mode, subnet, group, outward, ownNetworks, services }: Surroundings,
): string {
  const isolated = mode === 'isolated'
  const refusal = 'reject with icmpx admin-prohibited'
  const needed = services.map(
    ({ address, port }) => `ip daddr ${address} meta l4proto { tcp, udp } th dport ${port} accept`,
  )
  const toInternet = outward.map((name) => `oifname "${name}" accept`)
  const allowed = [...needed, `ip daddr @own ${refusal}`, ...toInternet, refusal]
  return `table ip ${id} {
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      ip saddr ${subnet.inner} ip daddr != ${pool} masquerade
    }
  }
  table inet ${id} {
    set own {
      type ipv4_addr; flags interval; auto-merge;
      elements = { ${[...notInternet, ...ownNetworks].join(', ')} }
    }
    chain forward {
      type filter hook forward priority filter; policy accept;
      iifname ${id} jump outward
      oifname ${id} jump inward
    }
    chain input {
      type filter hook input priority filter; policy accept;
      iifname ${id} jump operator
    }
    chain outward {
      meta nfproto ipv6 drop
      ip saddr != ${subnet.inner} drop
      ct state established,related accept
      oifgroup ${group} accept
      ${(isolated ? allowed : ['accept']).join('\n')}
    }
    chain inward {
      ct state established,related accept
      meta nfproto ipv4 iifgroup ${group} accept
      drop
    }
    chain operator {
      meta nfproto ipv6 drop
      ip saddr != ${subnet.inner} drop
      ct state established,related accept
      ${(isolated ? [...needed, refusal] : ['accept']).join('\n')}
    }
  }`
}

/** Returns the chains, e.g. of Docker or ufw, that can drop a packet that Hostwright's own table accepts. */
async function droppingChains(): Promise<Chain[]> {
  const chains = (await ruleset()).map(({ chain }) => chain).filter((chain) => chain !== undefined)
  return chains.filter(
    ({ family, hook, policy }) =>
      (family === 'ip' || family === 'inet') && hook === 'forward' && policy === 'drop',
  )
}

interface Chain {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly hook?: string
  readonly policy?: string
}

interface Rule {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly handle: number
  readonly comment?: string
}

async function ruleset(): Promise<{ chain?: Chain; rule?: Rule }[]> {
  const answer = JSON.parse(await run`nft --json --handle list ruleset`) as {
    nftables: { chain?: Chain; rule?: Rule }[]
  }
  return answer.nftables
}

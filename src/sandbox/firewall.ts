import { run } from './local.ts'
import { pool, type Subnet } from './subnet.ts'

/** Lets the machine out: under the outer machine's address, and through the firewall where there is one that stops it. */
export async function letOut(id: string, subnet: Subnet): Promise<void> {
  await run`nft -f - <<<${masquerade(id, subnet)}`
  for (const { family, table, name } of await droppingChains()) {
    await run`nft insert rule ${family} ${table} ${name} iifname ${id} accept comment ${id}`
    await run`nft insert rule ${family} ${table} ${name} oifname ${id} accept comment ${id}`
  }
}

/** Removes exactly what letOut made. */
export async function letOutNoMore(id: string): Promise<void> {
  // adding it first makes this right also when it is not there
  await run`nft add table ip ${id} ${';'} delete table ip ${id}`
  for (const { rule } of await ruleset()) {
    if (rule?.comment === id)
      await run`nft delete rule ${rule.family} ${rule.table} ${rule.chain} handle ${rule.handle}`
  }
}

function masquerade(id: string, subnet: Subnet): string {
  return `table ip ${id} {
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      ip saddr ${subnet.inner} ip daddr != ${pool} masquerade
    }
  }`
}

/** To accept a packet in a table of one's own does not save it from these, as Docker and ufw make them. */
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

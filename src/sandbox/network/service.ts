import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { serversIn } from '../apt-sources.ts'

/** A service that machines can use at any address. */
export interface Service {
  readonly address: string
  readonly port: number
}

const lookupLimit = 2_000

/** Returns the name servers of a resolv.conf. */
export function nameServers(resolvConf: string): Service[] {
  const addresses = [...resolvConf.matchAll(/^nameserver\s+([\d.]+)\s*$/gm)].map(
    ([, address = '']) => address,
  )
  return addresses.map((address) => ({ address, port: 53 }))
}

/**
 * Returns apt's archives and proxies of an image, with their present addresses. They are read from the image, which
 * no machine can write to.
 */
export async function packageServers(image: string): Promise<Service[]> {
  const files = ['etc/apt/sources.list.d/debian.sources', 'etc/apt/apt.conf.d/99mmdebstrap']
  const texts = await Promise.all(
    files.map(async (file) => await readFile(join(image, file), 'utf8').catch(() => '')),
  )
  const services = texts.flatMap(serversIn).map(async ({ host, port }) => {
    const addresses = await addressesOf(host)
    return addresses.map((address) => ({ address, port }))
  })
  return (await Promise.all(services)).flat()
}

/** Returns no address if the name does not resolve in time. */
async function addressesOf(host: string): Promise<string[]> {
  const found = lookup(host, { all: true, family: 4 }).then(
    (addresses) => addresses.map(({ address }) => address),
    () => [],
  )
  return await Promise.race([found, setTimeout(lookupLimit, [], { ref: false })])
}

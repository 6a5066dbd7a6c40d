import { sh } from '../../target/sh.ts'
import { defineFacts, type Facts } from './fact-group.ts'

interface Address {
  readonly interface: string
  readonly family: 4 | 6
  readonly address: string
  readonly prefix: number
  readonly broadcast?: string
  readonly scope: string
}

/** Ansible's facts about interfaces, addresses and default routes. */
export const network = defineFacts({
  names: ['interfaces', 'all_ipv4_addresses', 'all_ipv6_addresses', 'default_ipv4', 'default_ipv6'],
  read: {
    links: sh`
      for link in /sys/class/net/*; do
        if [ -e "$link/address" ]; then
          read -r address <"$link/address" && read -r mtu <"$link/mtu" && echo "\${link##*/} $mtu $address"
        fi
      done
    `,
    addresses: sh`if command -v ip >/dev/null; then ip -o addr show; fi`,
    routes: sh`
      if command -v ip >/dev/null; then
        ip -4 route show default
        ip -6 route show default
      fi
    `,
  },
  parse(found) {
    const addresses = found.addresses.flatMap(addressOf)
    const links = found.links.map((line) => line.split(' '))
    const global = addresses.filter(({ scope }) => scope !== 'host')
    return {
      interfaces: links.map(([name]) => name),
      all_ipv4_addresses: global.filter(({ family }) => family === 4).map(({ address }) => address),
      all_ipv6_addresses: global.filter(({ family }) => family === 6).map(({ address }) => address),
      default_ipv4: defaultRoute(4, found.routes, addresses),
      default_ipv6: defaultRoute(6, found.routes, addresses),
      ...Object.fromEntries(
        links.map(([name = '', mtu, mac]) => [
          name.replaceAll(/[-.:]/g, '_'),
          {
            device: name,
            mtu: Number(mtu),
            ...(mac === undefined || mac === '' ? {} : { macaddress: mac }),
            ipv4: addresses.filter((one) => one.interface === name && one.family === 4).map(factOf)[0],
            ipv6: addresses.filter((one) => one.interface === name && one.family === 6).map(factOf),
          },
        ]),
      ),
    }
  },
})

function defaultRoute(family: 4 | 6, routes: readonly string[], addresses: readonly Address[]): Facts {
  for (const line of routes) {
    const [, gateway, device, rest = ''] = /^default via (\S+) dev (\S+)(.*)$/s.exec(line) ?? []
    if (gateway === undefined || device === undefined || gateway.includes(':') !== (family === 6)) continue
    const source = / src (\S+)/.exec(rest)?.[1]
    const own = addresses.filter((one) => one.interface === device && one.family === family)
    const address = own.find((one) => one.address === source) ?? own[0]
    return { gateway, interface: device, ...(address === undefined ? {} : factOf(address)) }
  }
  return {}
}

function factOf({ family, address, prefix, broadcast, scope }: Address): Facts {
  if (family === 6) return { address, prefix: String(prefix), scope }
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
  return {
    address,
    netmask: dotted(mask),
    network: dotted((numeric(address) & mask) >>> 0),
    prefix: String(prefix),
    ...(broadcast === undefined ? {} : { broadcast }),
  }
}

/** Parses "2: eth0    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\       valid_lft forever …". */
function addressOf(line: string): Address[] {
  const [, name, family, address, prefix, rest = ''] =
    /^\d+: (\S+) +(inet6?) ([0-9a-fA-F.:]+)(?: peer \S+?)?(?:\/(\d+))?( .*)$/.exec(line) ?? []
  if (name === undefined || address === undefined) return []
  const broadcast = / brd (\S+)/.exec(rest)?.[1]
  return [
    {
      interface: name.replace(/@.*/, ''),
      family: family === 'inet' ? 4 : 6,
      address,
      prefix: Number(prefix ?? (family === 'inet' ? 32 : 128)),
      ...(broadcast === undefined ? {} : { broadcast }),
      scope: / scope (\S+)/.exec(rest)?.[1] ?? 'global',
    },
  ]
}

function numeric(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

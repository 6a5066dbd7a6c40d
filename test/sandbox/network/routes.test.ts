import { expect } from 'chai'

import {
  defaultInterfaces,
  interfacesOf,
  ownNetworks,
  type Route,
} from '../../../src/sandbox/network/routes.ts'

const lan: readonly Route[] = [
  { dst: 'default', dev: 'wlan0' },
  { dst: '198.51.100.0/24', dev: 'wlan0' },
  { type: 'local', dst: '198.51.100.7', dev: 'wlan0' },
  { type: 'local', dst: '127.0.0.0/8', dev: 'lo' },
]

const table: {
  what: string
  routes: readonly Route[]
  outward: string[]
  all: string[]
  networks: string[]
}[] = [
  {
    what: 'a LAN',
    routes: lan,
    outward: ['wlan0'],
    all: ['wlan0'],
    networks: ['198.51.100.0/24', '198.51.100.7', '127.0.0.0/8'],
  },
  {
    what: 'a VPN to one network, and a machine',
    routes: [
      { dst: '203.0.113.0/24', dev: 'tun0' },
      { dst: '10.213.0.0/30', dev: 'hw-0123456789ab' },
      ...lan,
    ],
    outward: ['wlan0'],
    all: ['tun0', 'wlan0'],
    networks: ['203.0.113.0/24', '10.213.0.0/30', '198.51.100.0/24', '198.51.100.7', '127.0.0.0/8'],
  },
  {
    what: 'a VPN that routes all traffic with two routes',
    routes: [{ dst: '0.0.0.0/1', dev: 'tun0' }, { dst: '128.0.0.0/1', dev: 'tun0' }, ...lan],
    outward: ['tun0', 'wlan0'],
    all: ['tun0', 'wlan0'],
    networks: ['198.51.100.0/24', '198.51.100.7', '127.0.0.0/8'],
  },
  {
    what: 'two default routes, and an unreachable network',
    routes: [
      { dst: 'default', nexthops: [{ dev: 'eth0' }, { dev: 'eth1' }] },
      { type: 'unreachable', dst: '203.0.113.0/24' },
    ],
    outward: ['eth0', 'eth1'],
    all: ['eth0', 'eth1'],
    networks: ['203.0.113.0/24'],
  },
  { what: 'no network', routes: [], outward: [], all: [], networks: [] },
]

describe('the routes of the operator', () => {
  for (const { what, routes, outward, all, networks } of table)
    it(`distinguish the internet from other networks with ${what}`, () => {
      expect(defaultInterfaces(routes)).to.deep.equal(outward)
      expect(interfacesOf(routes)).to.deep.equal(all)
      expect(ownNetworks(routes)).to.deep.equal(networks)
    })
})

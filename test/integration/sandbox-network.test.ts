import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

import type { FirewallAnswer, Scenario } from './network-scenarios.ts'

/** Runs a scenario in a separate network namespace, which contains nothing else. */
async function play(scenario: Scenario): Promise<unknown> {
  const { stdout } = await promisify(execFile)('unshare', [
    ...['--net', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'],
    ...[process.execPath, '--import', 'tsx', join(import.meta.dirname, 'network-scenarios.ts'), scenario],
  ])
  return JSON.parse(stdout)
}

describe('the network of throw-away machines', () => {
  it('forwards from the first machine to the last, only on the interface of the internet', async () => {
    // the LAN, the VPN, all interfaces; in the last case, all forwarded before
    expect(await play('forwarding')).to.deep.equal(['100', '100', '000', '111'])
  })

  it('disables forwarding after the last machine if a previous version enabled it everywhere', async () => {
    expect(await play('upgrade')).to.equal('000 forgotten')
  })

  it('works with a firewall that drops forwarded packets, opens nothing else, and restores it', async () => {
    const { before, after, reached } = (await play('firewall')) as FirewallAnswer
    expect(reached).to.deep.equal({
      'a machine from the other': true,
      'the internet from a machine': true,
      'a machine from a neighbour': false,
      'the other machine from the VPN': false,
    })
    expect(after).to.deep.equal(before)
  })

  it('lets a machine connect to the internet, other machines and its name servers, and no network to it', async () => {
    expect(await play('isolated')).to.deep.equal({
      'the internet': true,
      'another machine': true,
      'its name server in the VPN': true,
      'its name server on the operator': true,
      'it from the operator': true,
      'another port of its name server': false,
      'the LAN address of the operator': false,
      'the VPN address of the operator': false,
      'the IPv6 address of the operator': false,
      'the link-local address of the operator': false,
      'its own gateway': false,
      'the gateway of another machine': false,
      'a neighbour': false,
      'a server in the VPN': false,
      'a machine of another state folder': false,
      'it from a machine of another state folder': false,
      'it from a neighbour': false,
      'it from the VPN': false,
      'the VPN from a neighbour': false,
      'a neighbour from the VPN': false,
      'who has the LAN address of the operator': false,
      'another machine from a forged address': false,
    })
  })

  it("lets a machine with an open network connect to the operator's networks, but not them to it", async () => {
    expect(await play('open')).to.deep.equal({
      'the internet': true,
      'another machine': true,
      'its name server in the VPN': true,
      'its name server on the operator': true,
      'it from the operator': true,
      'another port of its name server': true,
      'the LAN address of the operator': true,
      'the VPN address of the operator': true,
      'the IPv6 address of the operator': false,
      'the link-local address of the operator': false,
      'its own gateway': true,
      'the gateway of another machine': true,
      'a neighbour': true,
      'a server in the VPN': true,
      'a machine of another state folder': false,
      'it from a machine of another state folder': false,
      'it from a neighbour': false,
      'it from the VPN': false,
      'the VPN from a neighbour': false,
      'a neighbour from the VPN': false,
      'who has the LAN address of the operator': false,
      'another machine from a forged address': false,
    })
  })

  it('removes a machine that never existed', async () => {
    expect(await play('stranger')).to.equal('')
  })

  it('is changed under a lock that only root can hold', async () => {
    expect(await play('lock')).to.equal('600')
  })
})

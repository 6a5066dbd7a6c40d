import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { FirewallAnswer, Scenario } from './network-scenarios.ts'

/** Plays a scenario in a network of its own, so that it sees nothing but what it makes there. */
async function play(scenario: Scenario): Promise<unknown> {
  const { stdout } = await promisify(execFile)('unshare', [
    ...['--net', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'],
    ...[process.execPath, '--import', 'tsx', join(import.meta.dirname, 'network-scenarios.ts'), scenario],
  ])
  return JSON.parse(stdout)
}

describe('the network of throw-away machines', () => {
  it('switches forwarding on with the first machine and off again with the last, unless it was on', async () => {
    expect(await play('forwarding')).to.deep.equal(['1', '1', '0', '1'])
  })

  it('passes a firewall that drops what is forwarded, and leaves it as it was', async () => {
    const { before, after, heard } = (await play('firewall')) as FirewallAnswer
    expect(heard).to.include('Connection refused')
    expect(after).to.deep.equal(before)
  })

  it('forgets a machine that was never there', async () => {
    expect(await play('stranger')).to.equal('')
  })
})

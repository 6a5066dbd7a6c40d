import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, disconnect } from '../../src/sandbox/network.ts'

/** A network namespace, held by a process. */
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

const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward'

/** What forwarding is before, during and after two machines, and then where it had been on. */
async function forwarding(): Promise<string[]> {
  const [one, other] = [await namespace(), await namespace()]
  const seen: string[] = []
  const look = () => seen.push(readFileSync(forwardingSwitch, 'utf8').trim())
  writeFileSync(forwardingSwitch, '0')
  await connect('hw-00000000000a', one.pid)
  look()
  await connect('hw-00000000000b', other.pid)
  await disconnect('hw-00000000000a')
  look()
  await disconnect('hw-00000000000b')
  look()
  writeFileSync(forwardingSwitch, '1')
  await connect('hw-00000000000a', one.pid)
  await disconnect('hw-00000000000a')
  look()
  one.close()
  other.close()
  return seen
}

export interface FirewallAnswer {
  readonly before: string[]
  readonly after: string[]
  /** What one machine hears when it connects to a port of the other where nobody listens. */
  readonly heard: string
}

async function firewall(): Promise<FirewallAnswer> {
  const look = () => [output('nft', ['list', 'ruleset']), output('ip', ['-brief', 'link'])]
  output('nft', ['add table ip filter'])
  output('nft', ['add chain ip filter FORWARD { type filter hook forward priority filter; policy drop; }'])
  output('nft', ['add rule ip filter FORWARD tcp dport 9 drop'])
  const before = look()
  const [one, other] = [await namespace(), await namespace()]
  const { inner } = await connect('hw-00000000000a', one.pid)
  await connect('hw-00000000000b', other.pid)
  const probe = ['bash', '-c', `exec 3<>/dev/tcp/${inner}/1`]
  const heard = spawnSync('nsenter', [`--net=/proc/${other.pid}/ns/net`, ...probe], { timeout: 5000 })
  await disconnect('hw-00000000000a')
  await disconnect('hw-00000000000b')
  one.close()
  other.close()
  return { before, after: look(), heard: String(heard.stderr) }
}

async function stranger(): Promise<string> {
  await disconnect('hw-00000000000a')
  return output('nft', ['list', 'ruleset'])
}

function output(program: string, argv: string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8' })
}

const scenarios = { forwarding, firewall, stranger }

export type Scenario = keyof typeof scenarios

const wanted = process.argv[2]
if (process.argv[1] === import.meta.filename && wanted !== undefined && wanted in scenarios)
  process.stdout.write(JSON.stringify(await scenarios[wanted as Scenario]()))

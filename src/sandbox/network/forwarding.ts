import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'

import { run } from '../run-command.ts'

/** Lists the interfaces for which Hostwright enabled forwarding; a reboot removes it together with the settings. */
const memory = '/run/hostwright-sandbox-forwarding'
/** An earlier version, whose machines may still run, created it when it enabled forwarding for all interfaces. */
const memoryOfAll = '/run/hostwright-sandbox-switched-forwarding-on'
/** Forwards packets from these interfaces to machines only. */
const table = 'hostwright-sandbox'

/**
 * Enables forwarding for these interfaces, so that replies reach machines. If it was disabled,
 * only packets to machines are forwarded: the outer machine does not become a router between its networks.
 */
export async function forwardFrom(interfaces: readonly string[]): Promise<void> {
  const off = await filter(interfaces, async (name) => (await setting(name)) === '0')
  if (off.length === 0) return
  const ours = [...new Set([...(await remembered()), ...off])]
  await writeFile(memory, JSON.stringify(ours), { mode: 0o600 })
  await run`nft -f - <<<${guard(ours)}`
  for (const name of off) await writeFile(settingFile(name), '1')
}

/** Disables the forwarding that forwardFrom enabled, except for interfaces for which others have enabled it since. */
export async function stopForwarding(): Promise<void> {
  await stopForwardingFromAll()
  const ours = await remembered()
  if (ours.length === 0) return
  if ((await setting('all')) === '0')
    for (const name of await filter(ours, async (each) => (await setting(each)) === '1'))
      await writeFile(settingFile(name), '0')
  await run`nft add table inet ${table} ${';'} delete table inet ${table}`
  await rm(memory)
}

async function stopForwardingFromAll(): Promise<void> {
  if (!existsSync(memoryOfAll)) return
  await writeFile('/proc/sys/net/ipv4/ip_forward', '0')
  await rm(memoryOfAll)
}

/** Enables forwarding for the interface of a machine. */
export async function forwardFromMachine(id: string): Promise<void> {
  await writeFile(settingFile(id), '1')
}

/** Returns the rules. They accept replies, because other programs, such as Docker, may also use forwarding. */
function guard(interfaces: readonly string[]): string {
  const names = interfaces.map((name) => `"${name}"`).join(', ')
  return `add table inet ${table}
  flush table inet ${table}
  table inet ${table} {
    chain forward {
      type filter hook forward priority filter; policy accept;
      iifname { ${names} } oifname != "hw-*" meta nfproto ipv4 ct state != { established, related } drop
    }
  }`
}

async function remembered(): Promise<string[]> {
  const text = await readFile(memory, 'utf8').catch(() => '[]')
  return JSON.parse(text) as string[]
}

/** Returns undefined if there is no such interface. */
async function setting(name: string): Promise<string | undefined> {
  return await readFile(settingFile(name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
}

function settingFile(name: string): string {
  return `/proc/sys/net/ipv4/conf/${name}/forwarding`
}

async function filter(
  names: readonly string[],
  holds: (name: string) => Promise<boolean>,
): Promise<string[]> {
  const answers = await Promise.all(names.map(holds))
  return names.filter((_, index) => answers[index])
}

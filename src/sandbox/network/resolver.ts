import { readFile } from 'node:fs/promises'

/** The files with which the machine resolves names like the outer machine. */
export interface ResolverFiles {
  readonly resolvConf: string
  readonly hosts: string
}

export async function resolverFiles(hostname: string): Promise<ResolverFiles> {
  const configured = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
  const upstream = await readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => '')
  const outerHosts = await readFile('/etc/hosts', 'utf8').catch(() => '')
  return { resolvConf: reachableFromInside(configured, upstream), hosts: hostsFor(hostname, outerHosts) }
}

/** Returns a resolv.conf without a name server on the outer machine's loopback, which a machine cannot reach. */
export function reachableFromInside(configured: string, upstream: string): string {
  const isLoopback = /^nameserver\s+(127\.|::1)/m.test(configured)
  return isLoopback && upstream !== '' ? upstream : configured
}

/** Returns the outer machine's /etc/hosts without the entries for itself. */
export function hostsFor(hostname: string, outerHosts: string): string {
  const foreign = outerHosts
    .split('\n')
    .filter((line) => /^\s*[\da-f]/i.test(line) && !/^\s*(127\.|::1\s|f[ef]0)/i.test(line))
  return [
    '127.0.0.1 localhost',
    `127.0.1.1 ${hostname}`,
    '::1 localhost ip6-localhost ip6-loopback',
    ...foreign,
    '',
  ].join('\n')
}

import { readFile } from 'node:fs/promises'

/** The files by which the machine resolves names as the outer machine does. */
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

/** A name server on the outer machine's loopback cannot be asked from inside: then the ones that it asks itself. */
export function reachableFromInside(configured: string, upstream: string): string {
  const isLoopback = /^nameserver\s+(127\.|::1)/m.test(configured)
  return isLoopback && upstream !== '' ? upstream : configured
}

/** The outer machine's names, but for its own. */
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

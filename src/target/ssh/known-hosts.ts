import { createHmac } from 'node:crypto'

import { globMatcher } from '../../text/glob.ts'

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly file: string
  readonly line: number
  readonly marker?: 'revoked' | 'cert-authority'
  readonly hosts: string
  readonly type: string
  readonly key: Buffer
}

export type Verdict =
  | { readonly type: 'known' }
  | { readonly type: 'unknown' }
  | { readonly type: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly type: 'revoked'; readonly by: KnownHost }

/** The lines that say something; sshd(8) describes the format, and that what is no valid line is passed over. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/)
    if (line.trim().startsWith('#')) return []
    const marker = line.trim().startsWith('@') ? words.shift()?.slice(1) : undefined
    const [hosts, type, key] = words
    if (hosts === undefined || type === undefined || key === undefined) return []
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return []
    const entry = { file, line: index + 1, hosts, type, key: Buffer.from(key, 'base64') }
    return [marker === undefined ? entry : { ...entry, marker }]
  })
}

/** The lines of one known_hosts file, to be looked up for many hosts. */
export class KnownHostsFile {
  /** By the only name that they hold. */
  readonly #named = new Map<string, KnownHost[]>()
  /** With patterns, several names, or names that are hashed. */
  readonly #others: KnownHost[] = []

  constructor(lines: readonly KnownHost[]) {
    for (const line of lines) {
      if (/[|*?!,]/.test(line.hosts)) this.#others.push(line)
      else {
        const name = line.hosts.toLowerCase()
        const named = this.#named.get(name)
        if (named === undefined) this.#named.set(name, [line])
        else named.push(line)
      }
    }
  }

  /** The lines that are about a host, on this port or on the usual one, in their order. */
  about(host: string, port: number): KnownHost[] {
    const names = [...new Set([nameWithPort(host, port), host].map((name) => name.toLowerCase()))]
    const named = names.flatMap((name) => this.#named.get(name) ?? [])
    const others = this.#others.filter((line) => names.some((name) => matchesHosts(line.hosts, name)))
    return [...named, ...others].sort((one, other) => one.line - other.line)
  }
}

/** Whether the key that a host shows is the one that is known. The keys of certificate authorities say nothing here. */
export function judgeHostKey(lines: readonly KnownHost[], host: string, port: number, key: Buffer): Verdict {
  const own = linesFor(lines, nameWithPort(host, port))
  const revoked = [...own, ...linesFor(lines, host)].find(
    (line) => line.marker === 'revoked' && line.key.equals(key),
  )
  if (revoked !== undefined) return { type: 'revoked', by: revoked }
  const known = own.filter((line) => line.marker === undefined)
  if (known.some((line) => line.key.equals(key))) return { type: 'known' }
  if (known.length > 0) return { type: 'changed', known }
  // as OpenSSH does: the key of the host on its usual port counts for its other ports too
  const elsewhere = linesFor(lines, host).filter((line) => line.marker === undefined)
  return elsewhere.some((line) => line.key.equals(key)) ? { type: 'known' } : { type: 'unknown' }
}

/** The types of the keys that are known of a host, so that it is asked for one of these. */
export function knownKeyTypes(lines: readonly KnownHost[], host: string, port: number): string[] {
  const own = linesFor(lines, nameWithPort(host, port))
  const relevant = own.length > 0 ? own : linesFor(lines, host)
  return [...new Set(relevant.filter((line) => line.marker === undefined).map((line) => line.type))]
}

/** How known_hosts names a host on a port. */
export function nameWithPort(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`
}

function linesFor(lines: readonly KnownHost[], name: string): KnownHost[] {
  return lines.filter((line) => matchesHosts(line.hosts, name.toLowerCase()))
}

/** A comma-separated list of patterns; one with `!` that matches outweighs the others. */
function matchesHosts(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHashed(hosts, name)
  let matched = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function matchesHashed(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split('|')
  if (salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/** Returns whether a name matches a pattern with `*` and `?`. */
export function matchesPattern(pattern: string, name: string): boolean {
  return /[*?]/.test(pattern) ? globMatcher(pattern, 'wildcards')(name) : pattern === name
}

import { createHmac } from 'node:crypto'

import { globMatcher } from '../../text/glob.ts'

/** A line of a known_hosts file. */
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

/** Parses known_hosts as sshd(8) describes it, and skips invalid lines. */
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

/** An index of the lines of a known_hosts file. */
export class KnownHostsFile {
  /** The lines with a single name, by that name. */
  readonly #named = new Map<string, KnownHost[]>()
  /** The lines with patterns, several names or hashed names. */
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

  /** Returns the lines for a host, on this port or on the default port, in their order. */
  about(host: string, port: number): KnownHost[] {
    const names = [...new Set([nameWithPort(host, port), host].map((name) => name.toLowerCase()))]
    const named = names.flatMap((name) => this.#named.get(name) ?? [])
    const others = this.#others.filter((line) => names.some((name) => matchesHosts(line.hosts, name)))
    return [...named, ...others].sort((one, other) => one.line - other.line)
  }
}

/** Compares the key of a host with the known keys. Ignores the keys of certificate authorities. */
export function judgeHostKey(lines: readonly KnownHost[], host: string, port: number, key: Buffer): Verdict {
  const own = linesFor(lines, nameWithPort(host, port))
  const revoked = [...own, ...linesFor(lines, host)].find(
    (line) => line.marker === 'revoked' && line.key.equals(key),
  )
  if (revoked !== undefined) return { type: 'revoked', by: revoked }
  const known = own.filter((line) => line.marker === undefined)
  if (known.some((line) => line.key.equals(key))) return { type: 'known' }
  if (known.length > 0) return { type: 'changed', known }
  // Like OpenSSH, accepts the key for the default port on other ports too.
  const elsewhere = linesFor(lines, host).filter((line) => line.marker === undefined)
  return elsewhere.some((line) => line.key.equals(key)) ? { type: 'known' } : { type: 'unknown' }
}

/** Returns the types of the known keys of a host. */
export function knownKeyTypes(lines: readonly KnownHost[], host: string, port: number): string[] {
  const own = linesFor(lines, nameWithPort(host, port))
  const relevant = own.length > 0 ? own : linesFor(lines, host)
  return [...new Set(relevant.filter((line) => line.marker === undefined).map((line) => line.type))]
}

/** Returns the name of a host and port in known_hosts. */
export function nameWithPort(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`
}

function linesFor(lines: readonly KnownHost[], name: string): KnownHost[] {
  return lines.filter((line) => matchesHosts(line.hosts, name.toLowerCase()))
}

/** Returns whether a comma-separated list of patterns matches. A matching pattern with `!` takes precedence. */
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

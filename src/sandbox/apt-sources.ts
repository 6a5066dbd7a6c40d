import { UserError } from '../errors.ts'

/** The keys with which Debian signs its archives. */
export const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The format of a line of `apt-get indextargets`, which describes an archive of the outer machine's apt. */
export const indexTargetFormat = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)'

/** Returns Debian's public archives, for an outer machine that does not run Debian. */
export function publicSources(release: string): string {
  return [
    stanza('http://deb.debian.org/debian', `${release} ${release}-updates`),
    stanza('http://deb.debian.org/debian-security', `${release}-security`),
  ].join('\n')
}

/** Returns the outer machine's Debian archives for another release, as the content of a deb822 file. */
export function debianSources(indexTargets: string, outerRelease: string, release: string): string {
  const targets = indexTargets
    .split('\n')
    .filter((line) => line !== '')
    .map(parseTarget)
  const debian = targets.filter((target) => target.component === 'main' && isDebian(target))
  const archive = debian.find(
    ({ suite }) => suite === outerRelease || /^(stable|testing|unstable|sid)$/.test(suite),
  )
  const security = debian.find(({ suite }) => suite.endsWith('-security') || suite.endsWith('/updates'))
  if (archive === undefined) {
    throw new UserError(`apt on this machine has no source for Debian's main archive of ${outerRelease}`, {
      hint: 'check its sources with apt-get indextargets',
    })
  }
  const stanzas = [stanza(archive.uri, `${release} ${release}-updates`)]
  if (security !== undefined) stanzas.push(stanza(security.uri, `${release}-security`))
  return stanzas.join('\n')
}

/**
 * Returns the outer machine's apt settings for proxies, certificates and dates: without them, apt in the machine may
 * not work. Proxies from environment variables become settings, because the machine does not inherit the environment.
 */
export function acquireSettings(aptConfiguration: string, environment: NodeJS.ProcessEnv): string {
  const wanted = /^Acquire::(https?|Check-Valid-Until|Check-Date|Max-FutureTime|Retries)\b/i
  const settings = aptConfiguration.split('\n').filter((line) => wanted.test(line))
  for (const scheme of ['http', 'https']) {
    const proxy = environment[`${scheme}_proxy`]
    const isSet = settings.some((line) => line.toLowerCase().startsWith(`acquire::${scheme}::proxy `))
    if (proxy !== undefined && proxy !== '' && !isSet) settings.push(`Acquire::${scheme}::Proxy "${proxy}";`)
  }
  return settings.map((line) => `${line}\n`).join('')
}

/** Removes user names and passwords from the URLs in a string, such as settings or messages. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/:\/\/[^/\s"]*@/g, '://')
}

/** Returns the user names and passwords of the URLs in a string, as entries of apt's auth.conf. */
export function passwordsIn(text: string): string {
  const urls = (text.match(/https?:\/\/[^/\s"]*@[^\s"]*/g) ?? []).map((url) => new URL(url))
  return urls
    .map(({ protocol, host, pathname, username, password }) => {
      const login = `login ${decodeURIComponent(username)} password ${decodeURIComponent(password)}`
      return `machine ${protocol}//${host}${pathname} ${login}\n`
    })
    .join('')
}

/** Returns the hosts that have a password in these entries of auth.conf. */
export function hostsWithPassword(authConf: string, hosts: readonly string[]): string[] {
  const machines = [...authConf.matchAll(/\bmachine\s+(?:[\w+]+:\/\/)?([^\s:/]+)/g)].map(([, host]) => host)
  return hosts.filter((host) => machines.includes(host))
}

/** Returns the servers that apt uses with these settings and sources: archives and proxies. */
export function serversIn(text: string): { host: string; port: number }[] {
  const urls = (text.match(/https?:\/\/[^\s"]+/g) ?? []).map((url) => new URL(url))
  return urls.map(({ hostname, port, protocol }) => ({
    host: hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  }))
}

interface Target {
  readonly uri: string
  readonly suite: string
  readonly component: string
  readonly origin: string
}

function parseTarget(line: string): Target {
  const [uri, suite, component, origin = ''] = line.split(' ')
  if (uri === undefined || suite === undefined || component === undefined)
    throw new Error(`apt-get indextargets printed an unknown line: ${line}`)
  return { uri, suite, component, origin }
}

/** Returns true for an archive of Debian. Until apt has fetched the index with the origin, the address decides. */
function isDebian({ uri, origin }: Target): boolean {
  return origin === 'Debian' || (!/^[A-Z]/.test(origin) && /\/debian(-security)?\/?$/.test(uri))
}

function stanza(uri: string, suites: string): string {
  return [
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suites}`,
    'Components: main',
    `Signed-By: ${keyring}`,
    '',
  ].join('\n')
}

import { UserError } from '../../errors.ts'

/** The keys that Debian signs its archives with. */
export const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** One archive that the outer machine's apt knows: a line of `apt-get indextargets` in the format below. */
export const indexTargetFormat = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)'

/** Debian's archives as everybody can reach them, for an outer machine that is no Debian. */
export function publicSources(release: string): string {
  return [
    stanza('http://deb.debian.org/debian', `${release} ${release}-updates`),
    stanza('http://deb.debian.org/debian-security', `${release}-security`),
  ].join('\n')
}

/** The outer machine's Debian archives for another release, as the text of a deb822 file. */
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
    throw new UserError(`apt on this machine has no source of Debian's main archive for ${outerRelease}`, {
      hint: 'apt-get indextargets lists what it has',
    })
  }
  const stanzas = [stanza(archive.uri, `${release} ${release}-updates`)]
  if (security !== undefined) stanzas.push(stanza(security.uri, `${release}-security`))
  return stanzas.join('\n')
}

/**
 * What the outer machine's apt was told about proxies, certificates and dates: without it, apt inside may not work.
 * Proxies that only the environment names become settings, since the environment stays outside.
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

/** A text, of settings or messages say, without the names and passwords in its URLs. */
export function withoutPasswords(text: string): string {
  return text.replaceAll(/:\/\/[^/\s"]*@/g, '://')
}

/** The names and passwords in a text's URLs, as entries of apt's auth.conf. */
export function passwordsIn(text: string): string {
  const urls = (text.match(/https?:\/\/[^/\s"]*@[^\s"]*/g) ?? []).map((url) => new URL(url))
  return urls
    .map(({ protocol, host, pathname, username, password }) => {
      const login = `login ${decodeURIComponent(username)} password ${decodeURIComponent(password)}`
      return `machine ${protocol}//${host}${pathname} ${login}\n`
    })
    .join('')
}

/** Of the hosts, those for which these entries of auth.conf hold a password. */
export function hostsWithPassword(authConf: string, hosts: readonly string[]): string[] {
  const machines = [...authConf.matchAll(/\bmachine\s+(?:[\w+]+:\/\/)?([^\s:/]+)/g)].map(([, host]) => host)
  return hosts.filter((host) => machines.includes(host))
}

/** The servers that apt asks according to these settings and sources: archives and proxies. */
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

/** The origin is known once apt has fetched an archive's index, until then the address must do. */
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

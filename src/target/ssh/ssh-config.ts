import { homedir, userInfo } from 'node:os'

import { ConnectionError } from '../../errors.ts'
import { defined } from '../../text/defined.ts'
import type { ConnectionSettings } from '../settings.ts'
import { BrokenConfigError, ConfigAnswers } from './config-answers.ts'
import { hostNameRule, isHostName } from './host-name.ts'

/** The complete settings of an SSH connection. */
export interface ResolvedConnection {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** The name and port of the host in known_hosts. */
  readonly hostKeyName: string
  readonly hostKeyPort: number
  /** The key files that the user configured, which are tried before all others. */
  readonly privateKeyFiles: readonly string[]
  readonly defaultKeyFiles: readonly string[]
  /** If true, only those keys of the agent are used that match the key files. */
  readonly identitiesOnly: boolean
  readonly agent?: string
  readonly knownHostsFiles: readonly string[]
  readonly jump?: ConnectionSettings
}

/** Completes the settings with the user's ssh configuration, read with `ssh -G` if ssh is installed. */
export async function resolveConnection(
  settings: ConnectionSettings,
  answers = new ConfigAnswers(),
): Promise<ResolvedConnection> {
  const host = settings.address ?? settings.name
  requireHostName(settings, 'address', host)
  const config = parseConfig(await askSsh(settings, host, answers))
  const first = (keyword: string) => setting(config.get(keyword)?.[0])

  const address = first('hostname') ?? host
  requireHostName(settings, 'HostName of the ssh configuration', address)
  const port = settings.port ?? Number(first('port') ?? 22)
  const user = settings.user ?? first('user') ?? userInfo().username
  const path = (text: string) => expand(text, { h: address, n: host, p: String(port), r: user })
  const alias = first('hostkeyalias')
  if (alias !== undefined) requireHostName(settings, 'HostKeyAlias of the ssh configuration', alias)
  const identityFiles = (config.get('identityfile') ?? []).map(path)
  const chosen = identityFiles.filter((file) => !everyDefaultKeyFile.includes(file))
  if (first('proxycommand') !== undefined && settings.jump === undefined) throw proxyCommand(settings, config)
  const jump = settings.jump ?? jumpOf(settings, first('proxyjump'), host)
  const agent = agentSocket(config.get('identityagent')?.[0], path)

  return {
    name: settings.name,
    address,
    port,
    user,
    hostKeyName: alias ?? address,
    hostKeyPort: alias === undefined ? port : 22,
    privateKeyFiles: (settings.privateKeyFiles ?? chosen).map(path),
    defaultKeyFiles: settings.privateKeyFiles === undefined && chosen.length === 0 ? defaultKeyFiles : [],
    identitiesOnly: first('identitiesonly') === 'yes',
    knownHostsFiles: (settings.knownHostsFiles ?? knownHostsFiles(config)).map(path),
    ...defined({ agent, jump }),
  }
}

function requireHostName({ name }: ConnectionSettings, what: string, value: string): void {
  if (isHostName(value)) return
  throw new ConnectionError(name, 'address', `${name}: invalid ${what}: ${JSON.stringify(value)}`, {
    hint: `use ${hostNameRule}`,
  })
}

const inSshFolder = (name: string) => `${homedir()}/.ssh/${name}`
const defaultKeyFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inSshFolder)
// ssh -G prints these if the configuration has no IdentityFile.
const everyDefaultKeyFile = [
  ...defaultKeyFiles,
  ...['id_ecdsa_sk', 'id_ed25519_sk', 'id_xmss', 'id_dsa'].map(inSshFolder),
]

async function askSsh(settings: ConnectionSettings, host: string, answers: ConfigAnswers): Promise<string> {
  const { user, port } = settings
  try {
    return await answers.of(host, [
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
    ])
  } catch (error) {
    throw error instanceof BrokenConfigError ? brokenConfig(settings, error.message) : error
  }
}

/** Parses the output of ssh -G: lowercase keywords and their values. */
function parseConfig(text: string): ReadonlyMap<string, string[]> {
  const config = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    config.set(keyword, [...(config.get(keyword) ?? []), value])
  }
  return config
}

function setting(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === 'none' ? undefined : value
}

function knownHostsFiles(config: ReadonlyMap<string, string[]>): string[] {
  const words = (keyword: string, ifMissing: string) =>
    (config.get(keyword)?.[0] ?? ifMissing).split(' ').filter((word) => word !== '' && word !== 'none')
  return [
    ...words('userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2'),
    ...words('globalknownhostsfile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'),
  ]
}

/** Parses ProxyJump. `a,b` connects to b through a. */
function jumpOf(
  settings: ConnectionSettings,
  value: string | undefined,
  target: string,
): ConnectionSettings | undefined {
  let jump: ConnectionSettings | undefined
  for (const hop of value?.split(',') ?? []) {
    const [, user, bracketed, plain, port] =
      /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(hop.trim()) ?? []
    const address = bracketed ?? plain
    if (address === undefined)
      throw new ConnectionError(settings.name, 'address', `${settings.name}: invalid ProxyJump: ${hop}`)
    requireHostName(settings, 'ProxyJump', address)
    // A bastion may match the pattern that makes other hosts jump through it.
    if (address === target) continue
    jump = {
      name: address,
      connection: 'ssh',
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(jump === undefined ? {} : { jump }),
      ...pick(settings, ['knownHostsFiles', 'connectTimeout', 'acceptNewHostKeys', 'ask']),
    }
  }
  return jump
}

function pick<Name extends keyof ConnectionSettings>(
  settings: ConnectionSettings,
  names: readonly Name[],
): Partial<Pick<ConnectionSettings, Name>> {
  const entries = names.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]]))
  return Object.fromEntries(entries) as Partial<Pick<ConnectionSettings, Name>>
}

function agentSocket(configured: string | undefined, path: (text: string) => string): string | undefined {
  if (configured === 'none') return undefined
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return setting(process.env['SSH_AUTH_SOCK'])
  if (configured.startsWith('$')) return setting(process.env[configured.slice(1).replaceAll(/[{}]/g, '')])
  return path(configured)
}

/** Expands `~/` and the tokens of ssh_config(5) that ssh -G does not expand. */
function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = { ...tokens, d: homedir(), u: userInfo().username, '%': '%' }
  return text
    .replace(/^~(?=\/)/, homedir())
    .replaceAll(/%([a-zA-Z%])/g, (token, letter: string) => all[letter] ?? token)
}

function brokenConfig(settings: ConnectionSettings, reason: string): ConnectionError {
  return new ConnectionError(
    settings.name,
    'address',
    `${settings.name}: ssh cannot read its configuration: ${reason}`,
  )
}

function proxyCommand(settings: ConnectionSettings, config: ReadonlyMap<string, string[]>): ConnectionError {
  return new ConnectionError(
    settings.name,
    'address',
    `${settings.name}: the ssh configuration uses ProxyCommand ${config.get('proxycommand')?.[0] ?? ''}, which is not supported`,
    { hint: 'use ProxyJump' },
  )
}

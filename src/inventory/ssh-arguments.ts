import { homedir } from 'node:os'
import { join } from 'node:path'

import { UserError } from '../errors.ts'
import type { ConnectionSettings } from '../target/settings.ts'
import { splitWords } from '../text/shell-words.ts'

/** The supported options of ssh. */
export type SshArguments = Partial<
  Pick<
    ConnectionSettings,
    'port' | 'user' | 'privateKeyFiles' | 'knownHostsFiles' | 'jump' | 'connectTimeout' | 'acceptNewHostKeys'
  >
>

const supported =
  'use only -J, -p, -l, -i and -o with ProxyJump, Port, User, IdentityFile, UserKnownHostsFile, ConnectTimeout, ' +
  'StrictHostKeyChecking=accept-new; put everything else into ~/.ssh/config'

/** Options for the speed or the output of the ssh program, which are ignored. */
const meaningless =
  /^(control(master|persist|path)|compression|loglevel|serveralive(interval|countmax)|tcpkeepalive|batchmode|preferredauthentications|pubkeyauthentication|identitiesonly)$/

/** Parses ansible_ssh_common_args and similar variables. Throws UserError for unsupported options. */
export function readSshArguments(text: string): SshArguments {
  const words = splitWords(text)
  let settings: SshArguments = {}
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    if (/^-[46CqTxv]+$/.test(word)) continue
    const [, letter, attached] = /^-([JpliLo])(.*)$/s.exec(word) ?? []
    if (letter === undefined)
      throw new UserError(`the ssh option '${word}' is not supported`, { hint: supported })
    const value = attached === '' ? words[(index += 1)] : attached
    if (value === undefined) throw new UserError(`the ssh option '${word}' needs a value`)
    settings = {
      ...settings,
      ...(letter === 'o' ? readOption(value) : readOption(`${optionOf[letter] ?? letter}=${value}`)),
    }
  }
  return settings
}

const optionOf: Readonly<Record<string, string>> = { J: 'ProxyJump', p: 'Port', l: 'User', i: 'IdentityFile' }

function readOption(text: string): SshArguments {
  const [, name = '', raw = ''] = /^\s*(\w+)\s*[=\s]\s*(.*?)\s*$/s.exec(text) ?? []
  const value = raw.replace(/^"(.*)"$/s, '$1')
  switch (name.toLowerCase()) {
    case 'proxyjump':
      return value === 'none' ? {} : { jump: readJump(value) }
    case 'proxycommand':
      return { jump: readProxyCommand(value) }
    case 'port':
      return { port: readPort(value) }
    case 'user':
      return { user: value }
    case 'identityfile':
      return { privateKeyFiles: [expandHome(value)] }
    case 'userknownhostsfile':
      return { knownHostsFiles: value.split(/\s+/).map(expandHome) }
    case 'connecttimeout':
      return { connectTimeout: readSeconds(value) }
    case 'stricthostkeychecking':
      return readStrictness(value)
    default:
      if (meaningless.test(name.toLowerCase())) return {}
      throw new UserError(`the ssh option '${name === '' ? text : name}' is not supported`, {
        hint: supported,
      })
  }
}

/** Parses `user@host:port`, or several with commas: the first is the outermost. */
function readJump(text: string): ConnectionSettings {
  const hops = text.split(',').map((part) => part.trim())
  return hops.reduce<ConnectionSettings | undefined>((before, hop) => {
    const found = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(\[[^\]]+\]|[^:@\s/-][^:@\s/]*)(?::(\d+))?\/?$/.exec(hop)
    if (found === null) throw new UserError(`invalid jump host '${hop}'`, { hint: 'write user@host:port' })
    const [, user, host = '', port] = found
    return {
      name: host.replace(/^\[(.*)\]$/, '$1'),
      connection: 'ssh',
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: readPort(port) }),
      ...(before === undefined ? {} : { jump: before }),
    }
  }, undefined) as ConnectionSettings
}

/** Parses `ssh -W %h:%p user@host`, the older form of ProxyJump. */
function readProxyCommand(text: string): ConnectionSettings {
  const words = splitWords(text)
  const forward = words.indexOf('-W')
  if (words[0] !== 'ssh' || forward === -1 || !/^\[?%h\]?:%p$/.test(words[forward + 1] ?? ''))
    throw new UserError(`the ProxyCommand '${text}' is not supported`, {
      hint: 'write -o ProxyJump=user@host:port',
    })
  const rest = [...words.slice(1, forward), ...words.slice(forward + 2)]
  const host = rest.filter(
    (word, index) => !word.startsWith('-') && !/^-[pliJo]$/.test(rest[index - 1] ?? ''),
  )
  if (host.length !== 1 || host[0] === undefined)
    throw new UserError(`the ProxyCommand '${text}' is not supported`, {
      hint: 'write -o ProxyJump=user@host:port',
    })
  const options = rest.filter((word) => word !== host[0])
  return { ...readJump(host[0]), ...readSshArguments(options.map((word) => `'${word}'`).join(' ')) }
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new UserError(`invalid port '${text}'`)
  return port
}

function readSeconds(text: string): number {
  if (!/^\d+$/.test(text)) throw new UserError(`invalid number of seconds '${text}'`)
  return Number(text)
}

function readStrictness(value: string): SshArguments {
  if (value === 'accept-new') return { acceptNewHostKeys: true }
  if (value === 'yes' || value === 'ask') return {}
  throw new UserError(`StrictHostKeyChecking=${value} is not supported: host keys are always checked`, {
    hint: 'use --accept-new-host-keys once, or add the key to known_hosts',
  })
}

/** Expands `~/x` to the user's home directory. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

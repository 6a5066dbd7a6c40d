import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { ConnectionError, UserError } from '../../errors.ts'
import { FileCache } from './file-cache.ts'
import { hostNameRule, isHostName } from './host-name.ts'
import { judgeHostKey, knownKeyTypes, KnownHostsFile, nameWithPort, parseKnownHosts } from './known-hosts.ts'
import type { KnownHost } from './known-hosts.ts'

export interface HostKeySettings {
  /** The host as messages call it. */
  readonly name: string
  /** The name under which its key is kept. */
  readonly host: string
  readonly port: number
  /** The first one takes new keys. */
  readonly files: readonly string[]
  readonly acceptNew: boolean
}

/** Decides whether a host is the one that it was the last time. */
export class HostKeyCheck {
  readonly #settings: HostKeySettings
  readonly #lines: readonly KnownHost[]

  private constructor(settings: HostKeySettings, lines: readonly KnownHost[]) {
    this.#settings = settings
    this.#lines = lines
  }

  static async load(settings: HostKeySettings): Promise<HostKeyCheck> {
    if (!isHostName(settings.host))
      throw new ConnectionError(
        settings.name,
        'address',
        `${settings.name}: invalid name for known_hosts: ${JSON.stringify(settings.host)}`,
        { hint: `use ${hostNameRule}` },
      )
    const files = await Promise.all(settings.files.map((file) => knownHostsFiles.get(file)))
    return new HostKeyCheck(
      settings,
      files.flatMap((file) => file.about(settings.host, settings.port)),
    )
  }

  /** All algorithms of ours, those of the known keys first: another type of key would look like a changed one. */
  algorithms(all: readonly string[]): string[] {
    const types = knownKeyTypes(this.#lines, this.#settings.host, this.#settings.port)
    const known = (algorithm: string) => types.includes(keyTypeOf(algorithm))
    return [...all.filter(known), ...all.filter((algorithm) => !known(algorithm))]
  }

  /** Throws unless the key is the known one, or may be taken for it from now on. */
  async verify(key: Buffer): Promise<void> {
    const { host, port, acceptNew } = this.#settings
    const verdict = judgeHostKey(this.#lines, host, port, key)
    switch (verdict.type) {
      case 'known':
        return
      case 'unknown':
        if (!acceptNew) throw this.#unknown(key)
        await this.#remember(key)
        return
      case 'changed':
        throw this.#changed(key, verdict.known)
      case 'revoked':
        throw this.#error('changed-host-key', `shows a key that is revoked in ${at(verdict.by)}`, key, {
          hint: 'do not log in before you know who runs this host',
        })
    }
  }

  async #remember(key: Buffer): Promise<void> {
    const [file] = this.#settings.files
    if (file === undefined) throw this.#unknown(key)
    const name = nameWithPort(this.#settings.host, this.#settings.port).toLowerCase()
    const type = keyType(key)
    // the host names the type: it must not write lines of its own
    if (!/^[\w@.-]{1,64}$/.test(type)) throw this.#unknown(key)
    await appendLine(file, `${name} ${type} ${key.toString('base64')}`)
  }

  #unknown(key: Buffer): ConnectionError {
    const [file] = this.#settings.files
    return this.#error('unknown-host-key', 'is not known yet', key, {
      hint: `compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there), then accept it with --accept-new-host-keys${file === undefined ? '' : `, which adds it to ${file}`}`,
    })
  }

  #changed(key: Buffer, known: readonly KnownHost[]): ConnectionError {
    const places = known.map((line) => `${at(line)} (${line.type} ${fingerprint(line.key)})`).join(', ')
    return this.#error('changed-host-key', `shows another key than the known one in ${places}`, key, {
      hint: `either the host was installed anew or somebody stands between; if you know that it is right, remove ${known.map(at).join(', ')}`,
    })
  }

  #error(
    problem: 'unknown-host-key' | 'changed-host-key',
    what: string,
    key: Buffer,
    options: { hint: string },
  ): ConnectionError {
    const { name, host, port } = this.#settings
    const where = nameWithPort(host, port)
    return new ConnectionError(
      name,
      problem,
      `${name}: the host ${where} ${what}; it shows the ${keyType(key)} key ${fingerprint(key)}`,
      options,
    )
  }
}

/** As ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`
}

/** The first field of a public key as it travels. */
export function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}

/** The type of key that a signature algorithm needs. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm
}

function at(line: KnownHost): string {
  return `${line.file}:${line.line}`
}

// One write of a whole line at the end: two processes that do it at once don't mix.
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    const last = size === 0 ? undefined : await handle.read(Buffer.alloc(1), 0, 1, size - 1)
    const complete = last === undefined || last.buffer.toString() === '\n'
    await handle.appendFile(`${complete ? '' : '\n'}${line}\n`)
  } finally {
    await handle.close()
  }
}

const knownHostsFiles = new FileCache(
  async (file) => new KnownHostsFile(parseKnownHosts(await readIfThere(file), file)),
)

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if ('code' in error && error.code === 'ENOENT') return ''
    throw new UserError(`the known hosts cannot be read: ${error.message}`, { cause: error })
  }
}

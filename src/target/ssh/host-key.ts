import { createHash } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { ConnectionError, UserError } from '../../errors.ts'
import { FileCache } from './file-cache.ts'
import { hostNameRule, isHostName } from './host-name.ts'
import { judgeHostKey, knownKeyTypes, KnownHostsFile, nameWithPort, parseKnownHosts } from './known-hosts.ts'
import type { KnownHost } from './known-hosts.ts'

export interface HostKeySettings {
  /** The name of the host in messages. */
  readonly name: string
  /** The name of the host in known_hosts. */
  readonly host: string
  readonly port: number
  /** The known_hosts files. New keys are added to the first one. */
  readonly files: readonly string[]
  readonly acceptNew: boolean
}

/** Checks the key of a host against known_hosts. */
export class HostKeyCheck {
  readonly #settings: HostKeySettings
  #lines: readonly KnownHost[]

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
    return new HostKeyCheck(settings, await linesAbout(settings))
  }

  /** Returns all algorithms, those of the known keys first: a key of another type would look like a changed key. */
  algorithms(all: readonly string[]): string[] {
    const types = knownKeyTypes(this.#lines, this.#settings.host, this.#settings.port)
    const known = (algorithm: string) => types.includes(keyTypeOf(algorithm))
    return [...all.filter(known), ...all.filter((algorithm) => !known(algorithm))]
  }

  /** Throws unless the key is known, or unknown and accepted. */
  async verify(key: Buffer): Promise<void> {
    if (this.#isKnown(key)) return
    if (!this.#settings.acceptNew) throw this.#unknown(key)
    await inTurn(async () => {
      // another login may have added this key, or another key of this host, since the files were read
      this.#lines = await linesAbout(this.#settings)
      if (!this.#isKnown(key)) await this.#remember(key)
    })
  }

  /** Throws if another key of the host is known, or this one is revoked. */
  #isKnown(key: Buffer): boolean {
    const { host, port } = this.#settings
    const verdict = judgeHostKey(this.#lines, host, port, key)
    switch (verdict.type) {
      case 'known':
        return true
      case 'unknown':
        return false
      case 'changed':
        throw this.#changed(key, verdict.known)
      case 'revoked':
        throw this.#error('changed-host-key', `is revoked in ${at(verdict.by)}`, key, {
          hint: 'do not log in until you know who controls this host',
        })
    }
  }

  async #remember(key: Buffer): Promise<void> {
    const [file] = this.#settings.files
    if (file === undefined) throw this.#unknown(key)
    const name = nameWithPort(this.#settings.host, this.#settings.port).toLowerCase()
    const type = keyType(key)
    // The type comes from the host, which must not be able to add lines.
    if (!/^[\w@.-]{1,64}$/.test(type)) throw this.#unknown(key)
    await appendLine(file, `${name} ${type} ${key.toString('base64')}`)
  }

  #unknown(key: Buffer): ConnectionError {
    const [file] = this.#settings.files
    return this.#error('unknown-host-key', 'is unknown', key, {
      hint: `compare the fingerprint with ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub on the host, then accept it with --accept-new-host-keys${file === undefined ? '' : `, which adds it to ${file}`}`,
    })
  }

  #changed(key: Buffer, known: readonly KnownHost[]): ConnectionError {
    const places = known.map((line) => `${at(line)} (${line.type} ${fingerprint(line.key)})`).join(', ')
    return this.#error('changed-host-key', `differs from the known key in ${places}`, key, {
      hint: `remove ${known.map(at).join(', ')} if the host was reinstalled; otherwise the connection may be intercepted`,
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
      `${name}: the host key of ${where} ${what}: ${keyType(key)} ${fingerprint(key)}`,
      options,
    )
  }
}

/** Returns the fingerprint as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`
}

/** Returns the type of a public key in wire format. */
export function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0))
}

/** Returns the type of key that a signature algorithm needs. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm
}

function at(line: KnownHost): string {
  return `${line.file}:${line.line}`
}

async function linesAbout({ files, host, port }: HostKeySettings): Promise<KnownHost[]> {
  const known = await Promise.all(files.map((file) => knownHostsFiles.get(file)))
  return known.flatMap((file) => file.about(host, port))
}

let lastAddition: Promise<unknown> = Promise.resolve()

/** Runs an addition to known_hosts when the earlier ones have ended. */
function inTurn(add: () => Promise<void>): Promise<void> {
  const addition = lastAddition.then(add)
  lastAddition = addition.catch(() => undefined)
  return addition
}

// A single write of a whole line does not mix with that of another process.
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
    throw new UserError(`cannot read known_hosts: ${error.message}`, { cause: error })
  }
}

import { open } from 'node:fs/promises'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'

import { UserError } from '../../errors.ts'
import { exposureOf } from '../../loose-permissions.ts'
import type { Ask } from '../settings.ts'
import { FileCache } from './file-cache.ts'

export type KeyFile =
  | { readonly type: 'missing' }
  | { readonly type: 'key'; readonly key: ParsedKey }
  /** The public key comes from the `.pub` file, if there is one. */
  | { readonly type: 'encrypted'; readonly publicKey?: Buffer; readonly content: Buffer }
  /** Only the public key; the agent may have the private key. */
  | { readonly type: 'public'; readonly publicKey: Buffer }
  | { readonly type: 'unreadable'; readonly reason: string }
  /** Other users can read or change the private key. */
  | { readonly type: 'exposed'; readonly reason: string }

export function readKeyFile(file: string): Promise<KeyFile> {
  return keyFiles.get(file)
}

const keyFiles = new FileCache(read, ['.pub'])

async function read(file: string): Promise<KeyFile> {
  const read = await readIfThere(file)
  if (read === undefined) return publicHalf(file, { type: 'missing' })
  if (typeof read === 'string') return { type: 'unreadable', reason: read }
  const { content, exposure } = read
  const key = parse(content)
  if (!(key instanceof Error) && !key.isPrivateKey()) return { type: 'public', publicKey: key.getPublicSSH() }
  if (key instanceof Error && !/no passphrase given/.test(key.message))
    return { type: 'unreadable', reason: key.message }
  if (exposure !== undefined) return { type: 'exposed', reason: exposure }
  if (!(key instanceof Error)) return { type: 'key', key }
  const half = await publicHalf(file, { type: 'missing' })
  return half.type === 'public'
    ? { type: 'encrypted', content, publicKey: half.publicKey }
    : { type: 'encrypted', content }
}

/** Decrypts a key. Asks for its passphrase once per run. */
export function decrypt(file: string, content: Buffer, ask: Ask): Promise<ParsedKey> {
  const keys = decrypted.get(ask) ?? new Map<string, Promise<ParsedKey>>()
  decrypted.set(ask, keys)
  const present = keys.get(file)
  if (present !== undefined) return present
  const key = askUntilRight(file, content, ask)
  keys.set(file, key)
  return key
}

// Each run has its own `ask`.
const decrypted = new WeakMap<Ask, Map<string, Promise<ParsedKey>>>()

const attempts = 3

async function askUntilRight(file: string, content: Buffer, ask: Ask): Promise<ParsedKey> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const again = attempt === 1 ? '' : 'Wrong passphrase. '
    const passphrase = await ask(`${again}Passphrase for the key ${file}: `, { secret: true })
    if (passphrase === '') break
    const key = parse(content, passphrase)
    if (!(key instanceof Error)) return key
  }
  throw new UserError(`cannot decrypt the key ${file}: wrong passphrase`)
}

function parse(content: Buffer, passphrase?: string): ParsedKey | Error {
  // The declared type is one key, but a file may contain several.
  const parsed = ssh2.utils.parseKey(content, passphrase) as ParsedKey | readonly ParsedKey[] | Error
  if (parsed instanceof Error || 'type' in parsed) return parsed
  return parsed[0] ?? new Error('the file contains no key')
}

async function publicHalf(file: string, otherwise: KeyFile): Promise<KeyFile> {
  const read = await readIfThere(`${file}.pub`)
  if (read === undefined || typeof read === 'string') return otherwise
  const key = parse(read.content)
  return key instanceof Error ? otherwise : { type: 'public', publicKey: key.getPublicSSH() }
}

interface ReadFile {
  readonly content: Buffer
  /** The reason why the permissions are too open, if they are. */
  readonly exposure: string | undefined
}

/** Returns the file, the reason why it cannot be read, or undefined if it does not exist. */
async function readIfThere(file: string): Promise<ReadFile | string | undefined> {
  try {
    const handle = await open(file)
    try {
      return { exposure: exposureOf(file, await handle.stat()), content: await handle.readFile() }
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return 'code' in error && error.code === 'ENOENT' ? undefined : error.message
  }
}

import { createHash } from 'node:crypto'

/** Returns the hash that mysql_native_password stores. */
export function nativePasswordHash(password: string): string {
  return password === ''
    ? ''
    : `*${sha1(sha1(Buffer.from(password)))
        .toString('hex')
        .toUpperCase()}`
}

/** A hash of caching_sha2_password: "$A$", thousands of rounds as three hexadecimal digits, "$", 20 bytes of salt, hash. */
const cachingSha2 = /^\$A\$([0-9A-F]{3})\$([^]{20})([./0-9A-Za-z]{43})$/

/** Compares a password with a stored hash, whose bytes are latin1. Returns undefined if the hash has another scheme. */
export function matchesCachingSha2(stored: string, password: string): boolean | undefined {
  if (stored === '' || password === '') return stored === password
  const parts = cachingSha2.exec(stored)
  if (parts === null) return undefined
  const [, thousands = '', salt = '', hash] = parts
  const rounds = Number.parseInt(thousands, 16) * 1000
  return sha256Crypt(Buffer.from(password), Buffer.from(salt, 'latin1'), rounds) === hash
}

/** Returns the SHA-crypt hash with SHA-256. Unlike crypt(3), it does not cut the salt after 16 bytes. */
function sha256Crypt(password: Buffer, salt: Buffer, rounds: number): string {
  const alternate = sha256(password, salt, password)
  const start: Buffer[] = [password, salt, repeated(alternate, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) start.push(bits & 1 ? alternate : password)
  let digest = sha256(...start)
  const passwordBytes = repeated(sha256(...Array<Buffer>(password.length).fill(password)), password.length)
  const saltBytes = repeated(sha256(...Array<Buffer>(16 + (digest[0] ?? 0)).fill(salt)), salt.length)
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1
    digest = sha256(
      odd ? passwordBytes : digest,
      ...(round % 3 === 0 ? [] : [saltBytes]),
      ...(round % 7 === 0 ? [] : [passwordBytes]),
      odd ? digest : passwordBytes,
    )
  }
  return encode(digest)
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Encodes base 64 as crypt(3) does: bytes 0, 10, 20 are the first four letters, then 21, 1, 11, at last 31, 30. */
function encode(digest: Buffer): string {
  const byte = (index: number): number => digest[index] ?? 0
  let text = ''
  let [first, second, third] = [0, 10, 20]
  for (let group = 0; group < 10; group++) {
    text += letters((byte(first) << 16) | (byte(second) << 8) | byte(third), 4)
    ;[first, second, third] = [third + 1, first + 1, second + 1]
  }
  return text + letters((byte(31) << 8) | byte(30), 3)
}

function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('')
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest()
}

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { reasonOf, UserError } from '../../errors.ts'

/** The keys whose signatures on tags are trusted. */
export type SigningKeys =
  /** OpenSSH's file of allowed signers (`man ssh-keygen`): `ada@example.com ssh-ed25519 AAAA…` */
  | { readonly kind: 'allowed signers'; readonly file: string }
  /** The output of `gpg --export`. */
  | { readonly kind: 'exported keys'; readonly file: string }
  /** A home directory of GnuPG; every key in it is trusted. */
  | { readonly kind: 'gpg home'; readonly folder: string }

/** @param path a file or folder, relative to the working directory */
export async function readSigningKeys(path: string): Promise<SigningKeys> {
  const file = resolve(path)
  try {
    if ((await stat(file)).isDirectory()) return { kind: 'gpg home', folder: file }
    const content = await readFile(file)
    return { kind: isExport(content) ? 'exported keys' : 'allowed signers', file }
  } catch (error) {
    throw new UserError(`cannot read the keys for signed tags: ${reasonOf(error)}`, {
      hint: 'give an allowed_signers file of OpenSSH, the output of gpg --export, or a GnuPG home directory',
      cause: error,
    })
  }
}

/** Recognizes armored keys by their header, and binary ones by the first byte of a packet, which is not ASCII. */
function isExport(content: Buffer): boolean {
  return content.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') || (content[0] ?? 0) >= 0x80
}

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { reasonOf, UserError } from '../../errors.ts'

/** Whose signatures on tags count. */
export type SigningKeys =
  /** OpenSSH's file of allowed signers (`man ssh-keygen`): `ada@example.com ssh-ed25519 AAAA…` */
  | { readonly kind: 'allowed signers'; readonly file: string }
  /** Public keys that `gpg --export` has written. */
  | { readonly kind: 'exported keys'; readonly file: string }
  /** A folder of GnuPG; every key in it counts, so it should hold no other ones. */
  | { readonly kind: 'gpg home'; readonly folder: string }

/** @param path of a file or folder, seen from the working directory */
export async function readSigningKeys(path: string): Promise<SigningKeys> {
  const file = resolve(path)
  try {
    if ((await stat(file)).isDirectory()) return { kind: 'gpg home', folder: file }
    const content = await readFile(file)
    return { kind: isExport(content) ? 'exported keys' : 'allowed signers', file }
  } catch (error) {
    throw new UserError(`cannot read the keys for signed tags: ${reasonOf(error)}`, {
      hint: "they are a file of OpenSSH's allowed signers, of gpg --export, or a folder of GnuPG",
      cause: error,
    })
  }
}

/** Armoured, or binary, where a packet begins with a byte that is no text. */
function isExport(content: Buffer): boolean {
  return content.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') || (content[0] ?? 0) >= 0x80
}

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'

import type { CodeBase } from '../code-base.ts'

export interface SshKey {
  readonly privateKey: string
  /** An allowed_signers file with only this key. */
  readonly allowedSigners: string
}

let made = 0

export async function makeSshKey({ root }: Pick<CodeBase, 'root'>, owner: string): Promise<SshKey> {
  made += 1
  const privateKey = join(root, `key-${made}`)
  await $({ quiet: true })`ssh-keygen -q -t ed25519 -N ${''} -C ${owner} -f ${privateKey}`
  const allowedSigners = `${privateKey}.allowed`
  await writeFile(allowedSigners, `${owner} ${await readFile(`${privateKey}.pub`, 'utf8')}`)
  return { privateKey, allowedSigners }
}

export async function signTag(
  codeBase: Pick<CodeBase, 'git'>,
  tag: string,
  { privateKey }: SshKey,
): Promise<void> {
  const format = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${privateKey}`]
  await codeBase.git(...format, 'tag', '--sign', '--force', '-m', tag, tag)
}

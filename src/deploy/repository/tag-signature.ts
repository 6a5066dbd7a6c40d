import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx/core'

import { UserError } from '../../errors.ts'
import { git, tryGit } from './git.ts'
import type { SigningKeys } from './signing-keys.ts'

/** A tag without a trusted signature. */
export class SignatureError extends UserError {
  override name = 'SignatureError'
}

export interface TagInMirror {
  readonly name: string
  /** The tag object, or the commit if the tag is lightweight. */
  readonly object: string
  readonly mirror: string
}

/** Throws SignatureError unless a trusted key signed the tag. @returns git's description of the signature */
export async function verifySignature(tag: TagInMirror, keys: SigningKeys): Promise<string> {
  const signedWith = await signatureOf(tag)
  const wanted = keys.kind === 'allowed signers' ? 'SSH' : 'PGP'
  if (signedWith !== wanted)
    throw new SignatureError(
      `tag '${tag.name}' is signed with ${signedWith}, but the trusted keys are ${wanted} keys`,
    )
  switch (keys.kind) {
    case 'allowed signers':
      // otherwise git would accept a PGP signature by any key of this user's keyring
      return ask(tag, [
        `gpg.ssh.allowedSignersFile=${keys.file}`,
        'gpg.program=false',
        'gpg.x509.program=false',
      ])
    case 'gpg home':
      return askGnuPG(tag, keys.folder)
    case 'exported keys':
      return withKeyring(keys.file, (folder) => askGnuPG(tag, folder))
  }
}

/** Returns the format of the signature. Throws if the signed object has another name: git accepts a renamed tag. */
async function signatureOf({ name, object, mirror }: TagInMirror): Promise<string> {
  if ((await git(['cat-file', '-t', object], { repository: mirror })) !== 'tag')
    throw new SignatureError(`tag '${name}' is not signed: it is a lightweight tag`, {
      hint: `replace it with a signed tag: git tag --sign --force ${name}`,
    })
  const text = await git(['cat-file', 'tag', object], { repository: mirror })
  const signed = /^tag (.+)$/m.exec(text.split('\n\n')[0] ?? '')?.[1]
  if (signed !== name)
    throw new SignatureError(`tag '${name}' is a renamed tag: its signature is for '${String(signed)}'`)
  const [, kind] = /^-----BEGIN (\w+) (?:SIGNATURE|MESSAGE)-----$/m.exec(text) ?? []
  if (kind === undefined) throw new SignatureError(`tag '${name}' is not signed`)
  return kind === 'SIGNED' ? 'X.509' : kind
}

function askGnuPG(tag: TagInMirror, home: string): Promise<string> {
  return ask(tag, ['gpg.ssh.program=false', 'gpg.x509.program=false'], { GNUPGHOME: home })
}

async function ask(
  { name, object, mirror }: TagInMirror,
  settings: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = settings.flatMap((setting) => ['-c', setting])
  const asked = await tryGit([...options, 'verify-tag', object], { repository: mirror, environment })
  const said = `${asked.stdout}${asked.stderr}`.trim()
  if (asked.exitCode === 0) return said
  throw new SignatureError(`tag '${name}' is not signed with a trusted key:\n${said}`)
}

async function withKeyring<Result>(file: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'hostwright-keyring-'))
  try {
    const gpg = $({ quiet: true, nothrow: true, env: { ...process.env, LC_ALL: 'C' } })
    const imported = await gpg`gpg --homedir ${folder} --batch --no-autostart --import ${file}`
    if (imported.exitCode !== 0)
      throw new UserError(`gpg cannot read the keys in ${file}:\n${imported.stderr.trim()}`)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
